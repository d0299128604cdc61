import { forbidden } from '@kith/spec/errors'
import type { Homeserver } from '../homeserver.ts'
import { localUserId } from './localpart.ts'
import { accountByPassword } from './password-check.ts'
import { userLocked } from './sessions.ts'
import { type Session, type SignIn, signIn } from './sign-in.ts'

/**
 * Signs in by name and password.
 *
 * @param name the whole user id or its localpart
 * @throws MatrixError M_FORBIDDEN, the same for every reason; M_USER_LOCKED, M_LIMIT_EXCEEDED, M_INVALID_PARAM
 */
export async function logInByPassword(
  server: Homeserver,
  { name, password }: { name: string; password: string },
  request: SignIn,
): Promise<Session & { userId: string }> {
  const account = await accountByPassword(server, name, password)
  const userId = localUserId(server, name)
  if (!account || userId === undefined) throw forbidden('Unknown user or wrong password')
  if (account.isLocked) throw userLocked()
  return { userId, ...(await signIn(server, account, request)) }
}
