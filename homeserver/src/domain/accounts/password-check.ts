import { limitExceeded } from '@kith/spec/errors'
import { type Account, accountOf } from '../../storage/accounts.ts'
import type { Homeserver } from '../homeserver.ts'
import { localUserId } from './localpart.ts'
import { isTooLong } from './register-account.ts'

/**
 * Finds the account of a local user by name and password. Unknown names, deactivated accounts and wrong passwords
 * take the same time and give the same answer: undefined.
 *
 * @throws MatrixError M_LIMIT_EXCEEDED after too many wrong passwords for one name
 */
export async function accountByPassword(
  server: Homeserver,
  name: string,
  password: string,
): Promise<Account | undefined> {
  const userId = localUserId(server, name)
  const { passwordTries, passwords } = server.accounts
  const triesKey = userId ?? name.slice(0, 256)
  const waitMs = server.config.rateLimits ? passwordTries.peek(triesKey) : 0
  if (waitMs > 0) throw limitExceeded(waitMs)
  const account = userId === undefined ? undefined : await accountOf(server.database, userId)
  const stored = account && account.deactivatedAt === null ? account.passwordHash : null
  const isRight = await passwords.verify(isTooLong(password) ? '' : password, stored ?? undefined)
  if (isRight && !isTooLong(password)) return account
  passwordTries.take(triesKey)
  return undefined
}
