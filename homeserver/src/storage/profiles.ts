import type { KindDefinition } from '../log/kind.ts'
import { type Db, many, sql } from '../platform/database.ts'
import type { UserNumber } from './interning.ts'
import { kinds } from './kinds.ts'

/** Payload of the kind `profile`. */
export interface ProfileChange {
  user: UserNumber
  key: string
  /** JSON; absent when the field goes. */
  value?: string
}

const keyOf = ({ user, key }: ProfileChange) => `${user} ${key}`

export const profileKind: KindDefinition<ProfileChange> = {
  kind: kinds.profile,
  name: 'profile',
  bytes: ({ value }) => 128 + (value?.length ?? 0),
  statements(rows) {
    const last = new Map(rows.map(({ payload }) => [keyOf(payload), payload]))
    const set = [...last.values()].filter((change) => change.value !== undefined)
    const gone = [...last.values()].filter((change) => change.value === undefined)
    return [
      sql`
      insert into profile_fields (user_number, key, value)
      select * from unnest(${set.map((c) => c.user)}::bigint[], ${set.map((c) => Buffer.from(c.key))}::bytea[],
        ${set.map((c) => c.value)}::text[])
      on conflict (user_number, key) do update set value = excluded.value`,
      sql`
      delete from profile_fields f
      using unnest(${gone.map((c) => c.user)}::bigint[], ${gone.map((c) => Buffer.from(c.key))}::bytea[]) g(u, key)
      where f.user_number = g.u and f.key = g.key`,
    ]
  },
}

export interface ProfileField {
  key: string
  /** JSON. */
  value: string
}

export async function profileFields(db: Db, user: UserNumber): Promise<ProfileField[]> {
  const rows = await many<{ key: Buffer; value: string }>(
    db,
    sql`
    select key, value from profile_fields where user_number = ${user} order by key`,
  )
  return rows.map((row) => ({ key: row.key.toString(), value: row.value }))
}
