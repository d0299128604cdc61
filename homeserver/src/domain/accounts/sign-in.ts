import { forbidden } from '@kith/spec/errors'
import type { Tx } from '../../platform/database.ts'
import { lockedAccount } from '../../storage/accounts.ts'
import { addDevice } from '../../storage/devices.ts'
import type { UserNumber } from '../../storage/interning.ts'
import { addFirstToken, isSignedIn, type NewToken } from '../../storage/tokens.ts'
import type { Homeserver } from '../homeserver.ts'
import { checkDeviceId, checkDisplayName, newDeviceId } from './device-id.ts'
import { changeSessions } from './sessions.ts'
import { newToken, tokenHash } from './token.ts'

/** How long an access token lives whose client can refresh it. Others do not expire. */
export const accessTokenLifetimeMs = 60 * 60 * 1000

/** What a client asks for when it signs in. */
export interface SignIn {
  /** Made up unless given. */
  deviceId?: string
  displayName?: string
  /** Whether the client can refresh its tokens. */
  isRefreshable?: boolean
}

/** The only place where tokens stand in clear: they are handed to the client and not kept. */
export interface IssuedTokens {
  accessToken: string
  refreshToken?: string
  expiresInMs?: number
}

export interface Session extends IssuedTokens {
  deviceId: string
}

/** Makes tokens, and what of them is stored. */
export function issueTokens(
  isRefreshable: boolean,
  now: number,
): { issued: IssuedTokens; stored: StoredTokens } {
  const accessToken = newToken()
  const accessHash = tokenHash(accessToken)
  if (!isRefreshable) {
    return { issued: { accessToken }, stored: { accessHash, refreshHash: undefined, expiresAt: undefined } }
  }
  const refreshToken = newToken()
  return {
    issued: { accessToken, refreshToken, expiresInMs: accessTokenLifetimeMs },
    stored: { accessHash, refreshHash: tokenHash(refreshToken), expiresAt: now + accessTokenLifetimeMs },
  }
}

type StoredTokens = Pick<NewToken, 'accessHash' | 'refreshHash' | 'expiresAt'>

/** @throws MatrixError M_INVALID_PARAM for a bad device id or name */
export function checkSignIn(signIn: SignIn): void {
  if (signIn.deviceId !== undefined) checkDeviceId(signIn.deviceId)
  if (signIn.displayName !== undefined) checkDisplayName(signIn.displayName)
}

/** Begins a session in a transaction that makes sure of the account. */
export async function beginSession(
  tx: Tx,
  user: UserNumber,
  { signIn, now }: { signIn: SignIn; now: number },
): Promise<Session> {
  const deviceId = signIn.deviceId ?? newDeviceId()
  const displayName = signIn.displayName === undefined ? undefined : checkDisplayName(signIn.displayName)
  const { issued, stored } = issueTokens(signIn.isRefreshable ?? false, now)
  await addDevice(tx, { user, deviceId, displayName })
  await addFirstToken(tx, { ...stored, user, deviceId })
  return { ...issued, deviceId }
}

/**
 * Begins a session of somebody who proved who he is. Tokens that the device had before end.
 *
 * @param passwordHash what the proof was checked against: if it is no longer the account's, the proof is void
 */
export async function signIn(
  server: Homeserver,
  { user, passwordHash }: { user: UserNumber; passwordHash: string | null },
  request: SignIn,
): Promise<Session> {
  checkSignIn(request)
  const { deviceId } = request
  if (deviceId !== undefined && (await isSignedIn(server.database, user, deviceId))) {
    await changeSessions(server, { user, endTokensOf: deviceId })
  }
  return server.database.transaction(async (tx) => {
    const account = await lockedAccount(tx, user)
    if (!account || account.deactivatedAt !== null || account.passwordHash !== passwordHash) {
      throw forbidden('The account has changed meanwhile')
    }
    return beginSession(tx, user, { signIn: request, now: server.clock.now() })
  })
}
