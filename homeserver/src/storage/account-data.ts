import { BASE, type KindDefinition } from '../log/kind.ts'
import { type Db, many, sql } from '../platform/database.ts'
import type { RoomNumber, UserNumber } from './interning.ts'
import { kinds } from './kinds.ts'
import { insertStandings, type PushStandingChange } from './push-classes.ts'

/** In place of a room, for account data that belongs to none. */
export const noRoom = 0

/** Payload of the kind `accountData`. */
export interface AccountDataChange {
  user: UserNumber
  /** `noRoom` for global account data. */
  room: RoomNumber
  type: string
  /** JSON. */
  content: string
  /** With push rules: what they come to. */
  standing?: PushStandingChange
}

export interface AccountDataEntry extends Omit<AccountDataChange, 'standing'> {
  /** Of the log. */
  position: number
}

function lastOf(rows: { offset: number; payload: AccountDataChange }[]) {
  const last = new Map<string, AccountDataChange & { offset: number }>()
  for (const { offset, payload } of rows) {
    last.set(`${payload.user} ${payload.room} ${payload.type}`, { ...payload, offset })
  }
  return [...last.values()]
}

export const accountDataKind: KindDefinition<AccountDataChange> = {
  kind: kinds.accountData,
  name: 'accountData',
  bytes: ({ content }) => 128 + content.length,
  statements(rows) {
    const all = lastOf(rows)
    return [
      sql`
      insert into account_data (user_number, room, type, content, position)
      select user_number, room, type, content, ${BASE} + at
      from unnest(${all.map((a) => a.user)}::bigint[], ${all.map((a) => a.room)}::bigint[],
        ${all.map((a) => Buffer.from(a.type))}::bytea[], ${all.map((a) => a.content)}::text[],
        ${all.map((a) => a.offset)}::bigint[]) as row(user_number, room, type, content, at)
      on conflict (user_number, room, type) do update set content = excluded.content, position = excluded.position`,
      ...insertStandings(
        rows.flatMap(({ offset, payload: { user, standing } }) =>
          standing ? [{ offset, user, standing }] : [],
        ),
      ),
    ]
  },
}

interface Row {
  user: number
  room: number
  type: Buffer
  content: string
  position: number
}

const columns = sql`a.user_number as "user", a.room, a.type, a.content, a.position`
const entry = (row: Row): AccountDataEntry => ({ ...row, type: row.type.toString() })

/** One user's account data set after a position, global and of all rooms. */
export async function accountDataAfter(db: Db, user: UserNumber, after: number): Promise<AccountDataEntry[]> {
  const rows = await many<Row>(
    db,
    sql`
    select ${columns} from account_data a where a.user_number = ${user} and a.position > ${after} order by a.position`,
  )
  return rows.map(entry)
}

/** One user's account data in some rooms, or with `noRoom` the global one. */
export async function accountDataOfRooms(
  db: Db,
  user: UserNumber,
  rooms: readonly RoomNumber[],
): Promise<AccountDataEntry[]> {
  const rows = await many<Row>(
    db,
    sql`
    select ${columns} from account_data a where a.user_number = ${user} and a.room = any(${rooms}::bigint[])
    order by a.position`,
  )
  return rows.map(entry)
}

export async function accountDataOf(
  db: Db,
  { user, room, type }: { user: UserNumber; room: RoomNumber; type: string },
): Promise<AccountDataEntry | undefined> {
  const rows = await many<Row>(
    db,
    sql`
    select ${columns} from account_data a
    where a.user_number = ${user} and a.room = ${room} and a.type = ${Buffer.from(type)}`,
  )
  return rows[0] && entry(rows[0])
}

/** Global account data of one type, of several users. */
export async function accountDataOfUsers(
  db: Db,
  users: readonly UserNumber[],
  type: string,
): Promise<AccountDataEntry[]> {
  const rows = await many<Row>(
    db,
    sql`
    select ${columns} from account_data a
    where a.user_number = any(${users}::bigint[]) and a.room = 0 and a.type = ${Buffer.from(type)}`,
  )
  return rows.map(entry)
}

/** How much account data a user has, in entries and characters. */
export async function accountDataSize(
  db: Db,
  user: UserNumber,
): Promise<{ entries: number; characters: number }> {
  const rows = await many<{ entries: number; characters: number }>(
    db,
    sql`
    select count(*) as entries, coalesce(sum(length(content)), 0)::bigint as characters from account_data
    where user_number = ${user}`,
  )
  return rows[0] as { entries: number; characters: number }
}
