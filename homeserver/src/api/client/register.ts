import { isNameAvailable, register } from '@kith/spec/api/registration'
import { MatrixError, missingParam, unknown } from '@kith/spec/errors'
import { domainOf } from '@kith/spec/ids'
import { confirm } from '../../domain/accounts/interactive-auth.ts'
import {
  checkNameIsFree,
  checkNewPassword,
  checkRegistrationIsOpen,
  registerAccount,
  registerAndSignIn,
} from '../../domain/accounts/register-account.ts'
import { checkSignIn } from '../../domain/accounts/sign-in.ts'
import { serve } from '../serve.ts'
import { signInRequest, tokensOnWire } from './sign-in-answer.ts'

export const registerRoutes = [
  serve(register, async ({ server, query, body }) => {
    if (query.kind === 'guest') throw new MatrixError('M_GUEST_ACCESS_FORBIDDEN', 'There are no guests here')
    if (body.type !== undefined) throw unknown('This type of registration is not supported')
    checkRegistrationIsOpen(server)
    const { username, password } = body
    const signIn = body.inhibit_login ? undefined : signInRequest(body)
    if (username !== undefined) await checkNameIsFree(server, username)
    if (password !== undefined) checkNewPassword(password)
    if (signIn) checkSignIn(signIn)
    await confirm(server, { operation: 'register', stage: 'm.login.dummy', caller: undefined, body })
    if (password === undefined) throw missingParam('password is missing')
    const account = { name: username, password }
    if (!signIn) return onWire(await registerAccount(server, account))
    const { userId, session } = await registerAndSignIn(server, account, signIn)
    return { ...onWire(userId), device_id: session.deviceId, ...tokensOnWire(session) }
  }),
  serve(isNameAvailable, async ({ server, query }) => {
    checkRegistrationIsOpen(server)
    await checkNameIsFree(server, query.username)
    return { available: true }
  }),
]

const onWire = (userId: string) => ({ user_id: userId, home_server: domainOf(userId) })
