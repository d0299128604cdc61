import { getLoginFlows, login } from '@kith/spec/api/login'
import { refresh } from '@kith/spec/api/refresh'
import { forbidden, missingParam, unknown } from '@kith/spec/errors'
import { domainOf } from '@kith/spec/ids'
import { isObject, type JsonObject } from '@kith/spec/json'
import { namedUser } from '../../domain/accounts/interactive-auth.ts'
import { logInByPassword } from '../../domain/accounts/log-in.ts'
import { refreshTokens } from '../../domain/accounts/refresh.ts'
import { serve } from '../serve.ts'
import { signInRequest, tokensOnWire } from './sign-in-answer.ts'
import { clientUrl } from './well-known.ts'

const passwordLogin = 'm.login.password'

export const loginRoutes = [
  serve(getLoginFlows, async () => ({ flows: [{ type: passwordLogin }] })),
  serve(login, async (request) => {
    const { server, body } = request
    if (body.type !== passwordLogin) throw unknown('This type of login is not supported')
    const credentials = { name: loginName(body), password: required(body.password, 'password') }
    const { userId, deviceId, ...tokens } = await logInByPassword(server, credentials, signInRequest(body))
    return {
      user_id: userId,
      device_id: deviceId,
      home_server: domainOf(userId),
      ...tokensOnWire(tokens),
      well_known: { 'm.homeserver': { base_url: clientUrl(request) } },
    }
  }),
  serve(refresh, async ({ server, body }) => tokensOnWire(await refreshTokens(server, body.refresh_token))),
]

/** @throws MatrixError M_FORBIDDEN for third-party ids, of which no account here has any */
function loginName(body: { identifier?: JsonObject; user?: string }): string {
  const { identifier } = body
  if (isObject(identifier)) {
    if (identifier.type === 'm.id.thirdparty' || identifier.type === 'm.id.phone') {
      throw forbidden('Unknown user or wrong password')
    }
    if (identifier.type !== 'm.id.user') throw unknown('This type of identifier is not supported')
  }
  return required(namedUser(body), 'identifier')
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw missingParam(`${name} is missing`)
  return value
}
