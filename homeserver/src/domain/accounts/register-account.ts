import { randomInt } from 'node:crypto'
import { forbidden, invalidParam, MatrixError } from '@kith/spec/errors'
import { utf8Length } from '@kith/spec/json'
import type { Tx } from '../../platform/database.ts'
import { accountOf, addAccount } from '../../storage/accounts.ts'
import type { UserNumber } from '../../storage/interning.ts'
import type { Homeserver } from '../homeserver.ts'
import { newUserId } from './localpart.ts'
import { beginSession, checkSignIn, type Session, type SignIn } from './sign-in.ts'

export const maxPasswordBytes = 512

/** @throws MatrixError M_INVALID_PARAM over 512 bytes, M_WEAK_PASSWORD when empty */
export function checkNewPassword(password: string): void {
  if (password === '') throw new MatrixError('M_WEAK_PASSWORD', 'The password is empty')
  if (isTooLong(password)) throw invalidParam(`A password has at most ${maxPasswordBytes} bytes`)
}

/** Whether a password can't be anybody's, so that it need not be hashed. */
export const isTooLong = (password: string) => utf8Length(password) > maxPasswordBytes

export interface Registration {
  /** Made up unless given. */
  name?: string
  password: string
  isAdmin?: boolean
}

/** The parts of the server that making an account needs; the command for it runs without the others. */
export type Registrar = Pick<Homeserver, 'config' | 'database' | 'clock' | 'interning'> & {
  accounts: Pick<Homeserver['accounts'], 'passwords'>
}

/** Whether strangers may make accounts here. @throws MatrixError M_FORBIDDEN */
export function checkRegistrationIsOpen(server: Homeserver): void {
  if (server.config.registration !== 'open') throw forbidden('Registration is closed on this server')
}

/** @throws MatrixError M_INVALID_USERNAME, M_EXCLUSIVE, M_USER_IN_USE */
export async function checkNameIsFree(
  server: Pick<Registrar, 'config' | 'database'>,
  name: string,
): Promise<void> {
  if (await accountOf(server.database, newUserId(server, name))) throw userInUse()
}

/**
 * Makes an account. Of several that ask for one name at the same time, one gets it.
 *
 * @throws MatrixError M_USER_IN_USE, also for the names of deactivated accounts; M_INVALID_USERNAME, M_EXCLUSIVE,
 *   M_WEAK_PASSWORD, M_INVALID_PARAM
 */
export async function registerAccount(server: Registrar, registration: Registration): Promise<string> {
  const { userId } = await addAccountAnd(server, registration, async () => undefined)
  return userId
}

/** Makes an account and its first session, or neither. */
export async function registerAndSignIn(
  server: Homeserver,
  registration: Registration,
  signIn: SignIn,
): Promise<{ userId: string; session: Session }> {
  checkSignIn(signIn)
  const { userId, result } = await addAccountAnd(server, registration, (tx, user) =>
    beginSession(tx, user, { signIn, now: server.clock.now() }),
  )
  return { userId, session: result }
}

async function addAccountAnd<T>(
  server: Registrar,
  { name = madeUpName(), password, isAdmin = false }: Registration,
  also: (tx: Tx, user: UserNumber) => Promise<T>,
): Promise<{ userId: string; result: T }> {
  checkNewPassword(password)
  await checkNameIsFree(server, name)
  const userId = newUserId(server, name)
  const passwordHash = await server.accounts.passwords.hash(password)
  const user = await server.interning.users.number(server.database, userId)
  const createdAt = server.clock.now()
  return server.database.transaction(async (tx) => {
    if (!(await addAccount(tx, { user, passwordHash, isAdmin, createdAt }))) throw userInUse()
    return { userId, result: await also(tx, user) }
  })
}

const userInUse = () => new MatrixError('M_USER_IN_USE', 'This name is taken')

const madeUpName = () => `user${randomInt(1e12, 1e13)}`
