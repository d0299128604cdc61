import { type Db, many, maybeOne, sql, type Tx } from '../platform/database.ts'
import type { UserNumber } from './interning.ts'

/** An access token with all that a request needs to know of its owner. */
export interface TokenOwner {
  session: number
  generation: number
  user: UserNumber
  userId: string
  deviceId: string
  isAdmin: boolean
  isLocked: boolean
  isSuspended: boolean
  expiresAt: number | null
  isRefreshable: boolean
  wasUsed: boolean
}

/** Whose token it is. One query by primary keys. */
export function tokenOwner(db: Db, accessHash: Uint8Array): Promise<TokenOwner | undefined> {
  return maybeOne<TokenOwner>(
    db,
    sql`
    select t.session, t.generation, t.user_number as "user", u.user_id as "userId", t.device_id as "deviceId",
      a.is_admin as "isAdmin", a.is_locked as "isLocked", a.is_suspended as "isSuspended",
      t.expires_at as "expiresAt", t.refresh_hash is not null as "isRefreshable", t.was_used as "wasUsed"
    from tokens t
    join accounts a on a.user_number = t.user_number
    join users u on u.number = t.user_number
    where t.access_hash = ${accessHash}`,
  )
}

export interface NewToken {
  accessHash: Uint8Array
  refreshHash: Uint8Array | undefined
  user: UserNumber
  deviceId: string
  expiresAt: number | undefined
}

/** Begins a session. */
export async function addFirstToken(tx: Tx, token: NewToken): Promise<void> {
  await tx.query(sql`
    insert into tokens (access_hash, refresh_hash, session, generation, user_number, device_id, expires_at)
    values (${token.accessHash}, ${token.refreshHash}, nextval('session_numbers'), 0, ${token.user},
      ${token.deviceId}, ${token.expiresAt})`)
}

export interface RefreshToken {
  session: number
  generation: number
  user: UserNumber
  deviceId: string
  /** Of the session: its newest generation. */
  newest: number
  /** Whether the access token of the newest generation was ever presented. */
  newestWasUsed: boolean
  isLocked: boolean
}

/** Finds a refresh token and locks its session's tokens, so that two refreshes come one after the other. */
export async function lockRefreshToken(tx: Tx, refreshHash: Uint8Array): Promise<RefreshToken | undefined> {
  await tx.query(sql`
    select generation from tokens where session = (select session from tokens where refresh_hash = ${refreshHash})
    order by generation for update`)
  // A second statement, because it sees what was committed while the first one waited.
  return maybeOne<RefreshToken>(
    tx,
    sql`
    select t.session, t.generation, t.user_number as "user", t.device_id as "deviceId",
      n.generation as newest, n.was_used as "newestWasUsed", a.is_locked as "isLocked"
    from tokens t
    join accounts a on a.user_number = t.user_number
    join lateral (select generation, was_used from tokens where session = t.session
      order by generation desc limit 1) n on true
    where t.refresh_hash = ${refreshHash}`,
  )
}

/**
 * Gives a session its next generation of tokens after that of `from`, in place of any that came after it, and
 * forgets those that expired before `forgetBefore`.
 */
export async function addNextToken(
  tx: Tx,
  token: NewToken,
  { from, forgetBefore }: { from: RefreshToken; forgetBefore: number },
): Promise<void> {
  await tx.query(sql`
    delete from tokens where session = ${from.session}
      and (generation > ${from.generation} or (generation < ${from.generation} and expires_at < ${forgetBefore}))`)
  await tx.query(sql`
    insert into tokens (access_hash, refresh_hash, session, generation, user_number, device_id, expires_at)
    values (${token.accessHash}, ${token.refreshHash}, ${from.session}, ${from.generation + 1}, ${token.user},
      ${token.deviceId}, ${token.expiresAt})`)
}

/** Notes that the newest tokens arrived at the client: the access tokens before them end now. */
export async function noteTokenUse(
  tx: Tx,
  { session, generation, now }: { session: number; generation: number; now: number },
): Promise<void> {
  await tx.query(sql`
    update tokens set was_used = was_used or generation = ${generation},
      expires_at = case when generation < ${generation} then least(expires_at, ${now}) else expires_at end
    where session = ${session} and generation <= ${generation}`)
}

/** Whether a device has tokens. */
export async function isSignedIn(db: Db, user: UserNumber, deviceId: string): Promise<boolean> {
  const found = await many(
    db,
    sql`select 1 from tokens where user_number = ${user} and device_id = ${deviceId} limit 1`,
  )
  return found.length > 0
}
