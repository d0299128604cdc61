import type { KindDefinition } from '../log/kind.ts'
import { type Sql, sql } from '../platform/database.ts'
import type { UserNumber } from './interning.ts'
import { kinds } from './kinds.ts'

/**
 * What ends sessions of one user, or changes what they may do. It is in the log so that every process drops
 * what it remembers of the user's sessions.
 */
export interface SessionChange {
  user: UserNumber
  /** Devices that end with all that is theirs. */
  endDevices?: readonly string[]
  /** All devices end, but for this one. */
  endAllBut?: string | null
  /** The device stays; its tokens end. */
  endTokensOf?: string
  account?: AccountChange
}

export interface AccountChange {
  passwordHash?: string
  /** Milliseconds since 1970. The password goes too. */
  deactivatedAt?: number
  isLocked?: boolean
  isSuspended?: boolean
}

export const sessionKind: KindDefinition<SessionChange> = {
  kind: kinds.session,
  name: 'session',
  statements(rows) {
    const changes = rows.map(({ payload }) => payload)
    return [...deviceEnds(changes), ...tokenEnds(changes), ...accountChanges(changes)]
  },
}

function deviceEnds(changes: readonly SessionChange[]): Sql[] {
  const named = changes.flatMap(({ user, endDevices = [] }) =>
    endDevices.map((deviceId) => ({ user, deviceId })),
  )
  const others = changes.filter(({ endAllBut }) => endAllBut !== undefined)
  return [
    sql`delete from devices d
      using unnest(${named.map((n) => n.user)}::bigint[], ${named.map((n) => n.deviceId)}::text[]) e(u, device_id)
      where d.user_number = e.u and d.device_id = e.device_id`,
    sql`delete from devices d
      using unnest(${others.map((o) => o.user)}::bigint[], ${others.map((o) => o.endAllBut)}::text[]) e(u, kept)
      where d.user_number = e.u and d.device_id is distinct from e.kept`,
  ]
}

function tokenEnds(changes: readonly SessionChange[]): Sql[] {
  const ends = changes.filter(({ endTokensOf }) => endTokensOf !== undefined)
  return [
    sql`delete from tokens t
      using unnest(${ends.map((e) => e.user)}::bigint[], ${ends.map((e) => e.endTokensOf)}::text[]) e(u, device_id)
      where t.user_number = e.u and t.device_id = e.device_id`,
  ]
}

function accountChanges(changes: readonly SessionChange[]): Sql[] {
  const byUser = new Map<UserNumber, AccountChange>()
  for (const { user, account } of changes) if (account) byUser.set(user, { ...byUser.get(user), ...account })
  const rows = [...byUser].map(([user, account]) => ({ user, ...account }))
  return [
    sql`update accounts a set
        password_hash = case when c.deactivated_at is null then coalesce(c.password_hash, a.password_hash) end,
        deactivated_at = coalesce(c.deactivated_at, a.deactivated_at),
        is_locked = coalesce(c.is_locked, a.is_locked),
        is_suspended = coalesce(c.is_suspended, a.is_suspended)
      from unnest(${rows.map((r) => r.user)}::bigint[], ${rows.map((r) => r.passwordHash ?? null)}::text[],
        ${rows.map((r) => r.deactivatedAt ?? null)}::bigint[], ${rows.map((r) => r.isLocked ?? null)}::boolean[],
        ${rows.map((r) => r.isSuspended ?? null)}::boolean[])
        c(user_number, password_hash, deactivated_at, is_locked, is_suspended)
      where a.user_number = c.user_number`,
  ]
}
