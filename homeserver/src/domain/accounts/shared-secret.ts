import { createHmac, timingSafeEqual } from 'node:crypto'
import { forbidden, unrecognized } from '@kith/spec/errors'
import { addNonce, takeNonce } from '../../storage/interactive-auth.ts'
import type { Homeserver } from '../homeserver.ts'
import { setProfileField } from '../profile/profile.ts'
import { registerAndSignIn } from './register-account.ts'
import type { Session } from './sign-in.ts'
import { newToken, tokenHash } from './token.ts'

const nonceLifetimeMs = 60_000

/** What whoever knows the shared secret sends. */
export interface SecretRegistration {
  nonce: string
  /** Hexadecimal HMAC-SHA1 over the rest under the shared secret. */
  mac: string
  name: string
  password: string
  isAdmin: boolean
  userType?: string
  /** Not covered by the MAC. */
  displayName?: string
}

/** A nonce for one registration within a minute. @throws MatrixError M_UNRECOGNIZED without a shared secret */
export async function newNonce(server: Homeserver): Promise<string> {
  sharedSecret(server)
  const nonce = newToken()
  const now = server.clock.now()
  await server.database.transaction((tx) =>
    addNonce(tx, { hash: tokenHash(nonce), createdAt: now, dropBefore: now - nonceLifetimeMs }),
  )
  return nonce
}

/**
 * Makes an account for whoever knows the shared secret, even where registration is closed.
 *
 * @throws MatrixError M_FORBIDDEN for a wrong MAC or a nonce that is not good (any more), M_UNRECOGNIZED without
 *   a shared secret, and what `registerAccount` throws
 */
export async function registerBySecret(
  server: Homeserver,
  request: SecretRegistration,
): Promise<{ userId: string; session: Session }> {
  const secret = sharedSecret(server)
  const notBefore = server.clock.now() - nonceLifetimeMs
  const isFresh = await server.database.transaction((tx) =>
    takeNonce(tx, tokenHash(request.nonce), notBefore),
  )
  if (!isFresh) throw forbidden('The nonce is unknown or was used')
  if (!isRightMac(secret, request)) throw forbidden('The MAC is wrong')
  const { name, password, isAdmin } = request
  const registered = await registerAndSignIn(server, { name, password, isAdmin }, {})
  await showName(server, registered, request.displayName)
  server.logger.info({ user: registered.userId, isAdmin }, 'an account was made by the shared secret')
  return registered
}

async function showName(
  server: Homeserver,
  { userId, session }: { userId: string; session: Session },
  displayname: string | undefined,
): Promise<void> {
  if (displayname === undefined) return
  const user = await server.interning.users.number(server.database, userId)
  const reader = { userId, user, deviceId: session.deviceId }
  await setProfileField(server, reader, { userId, key: 'displayname', body: { displayname } })
}

function sharedSecret(server: Homeserver): string {
  const secret = server.config.registrationSharedSecret
  if (secret === undefined) throw unrecognized('Registration by a shared secret is off')
  return secret
}

/** Source: Synapse's admin API, "Shared-Secret Registration". */
function isRightMac(
  secret: string,
  { nonce, mac, name, password, isAdmin, userType }: SecretRegistration,
): boolean {
  const parts = [nonce, name, password, isAdmin ? 'admin' : 'notadmin']
  if (userType !== undefined) parts.push(userType)
  const right = createHmac('sha1', secret).update(parts.join('\0')).digest()
  const given = Buffer.from(mac, 'hex')
  return given.length === right.length && timingSafeEqual(given, right)
}
