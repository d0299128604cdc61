import { MatrixError, unknownToken } from '@kith/spec/errors'
import { kinds } from '../../storage/kinds.ts'
import type { SessionChange } from '../../storage/session-changes.ts'
import { noteTokenUse, tokenOwner } from '../../storage/tokens.ts'
import type { Homeserver } from '../homeserver.ts'
import type { Caller } from './caller.ts'
import type { Remembered } from './session-view.ts'
import { sightingIntervalMs } from './sightings.ts'
import { tokenHash } from './token.ts'

/**
 * Whose access token this is.
 *
 * @throws MatrixError M_UNKNOWN_TOKEN; with soft_logout when it expired, as the client may refresh it
 */
export async function callerByToken(server: Homeserver, token: string): Promise<Remembered> {
  const hash = tokenHash(token)
  const remembered = await server.accounts.sessions.get(hash.toString('latin1'), () => load(server, hash))
  checkExpiry(server, remembered.caller.expiresAt)
  return remembered
}

async function load(server: Homeserver, hash: Buffer): Promise<Caller> {
  const owner = await tokenOwner(server.database, hash)
  if (!owner) throw unknownToken()
  const { session, generation, expiresAt, isRefreshable, wasUsed, ...caller } = owner
  checkExpiry(server, expiresAt ?? undefined)
  if (isRefreshable && !wasUsed) {
    const now = server.clock.now()
    await server.database.transaction((tx) => noteTokenUse(tx, { session, generation, now }))
    server.accounts.sessions.forgetUser(caller.user)
  }
  return { ...caller, sessionId: session, expiresAt: expiresAt ?? undefined }
}

function checkExpiry(server: Homeserver, expiresAt: number | undefined): void {
  if (expiresAt !== undefined && expiresAt <= server.clock.now()) {
    throw unknownToken('The access token has expired', true)
  }
}

/** Notes that a device is in use, and from where; to be written down later, and once a minute at most. */
export function noteSeen(server: Homeserver, remembered: Remembered, address: string): void {
  const at = server.clock.now()
  if (at - remembered.seenAt < sightingIntervalMs) return
  remembered.seenAt = at
  const { user, deviceId } = remembered.caller
  server.accounts.sightings.note({ user, deviceId, at, address })
}

/** Ends sessions or changes an account, on every process. Resolves when it is durable and known here. */
export async function changeSessions(server: Homeserver, change: SessionChange): Promise<void> {
  await server.log.commit({
    transactionKeys: [],
    changes: [{ kind: kinds.session, user: change.user, payload: change }],
  })
}

/** Signs a device out: it ends, with its tokens and whatever waits for it. */
export const logOut = (server: Homeserver, caller: Caller) =>
  changeSessions(server, { user: caller.user, endDevices: [caller.deviceId] })

export const logOutEverywhere = (server: Homeserver, caller: Caller) =>
  changeSessions(server, { user: caller.user, endAllBut: null })

/** Locks or suspends an account, or lifts that. Its sessions stay. */
export function restrictAccount(
  server: Homeserver,
  user: number,
  restriction: { isLocked?: boolean; isSuspended?: boolean },
): Promise<void> {
  return changeSessions(server, { user, account: restriction })
}

export const userLocked = () =>
  new MatrixError('M_USER_LOCKED', 'This account is locked', { soft_logout: true })
