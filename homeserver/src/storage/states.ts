import type { NodeId } from '@kith/spec/rooms/state-trie'
import { type Db, many, maybeOne, sql } from '../platform/database.ts'
import type { StateRow } from './event-inserts.ts'
import type { RoomNumber } from './interning.ts'

/** Packed rows of trie nodes by row id. */
export async function stateRows(
  db: Db,
  ids: readonly number[],
): Promise<{ id: number; bytes: Uint8Array }[]> {
  return many(db, sql`select id, nodes as bytes from state_nodes where id = any(${ids}::bigint[])`)
}

/** A room's current state, or its state at a log position: the version and the root. */
export interface RoomStateRow {
  version: number
  root: NodeId
  position: number
}

/** The state of a room after everything up to a position (inclusive), or now. */
export function roomState(db: Db, room: RoomNumber, at?: number): Promise<RoomStateRow | undefined> {
  const until = at === undefined ? sql`` : sql`and position <= ${at}`
  return maybeOne(
    db,
    sql`
    select version, root, position from room_states where room = ${room} ${until} order by version desc limit 1`,
  )
}

/** The roots of a room before a position and after it, where it moved there; else the one it had. */
export async function rootsAround(db: Db, room: RoomNumber, position: number): Promise<NodeId[]> {
  const rows = await many<{ root: NodeId; position: number }>(
    db,
    sql`
    select root, position from room_states where room = ${room} and position <= ${position}
    order by version desc limit 2`,
  )
  const roots = rows[0]?.position === position ? rows : rows.slice(0, 1)
  return roots.map(({ root }) => root)
}

/** The states of many rooms at one position. */
export function roomStates(
  db: Db,
  rooms: readonly RoomNumber[],
  at: number,
): Promise<(RoomStateRow & { room: RoomNumber })[]> {
  return many(
    db,
    sql`
    select r.room, s.version, s.root, s.position from unnest(${rooms}::bigint[]) r(room)
    cross join lateral (select version, root, position from room_states where room = r.room and position <= ${at}
      order by version desc limit 1) s`,
  )
}

/** Stores trie rows ahead of what refers to them. Rows that are there already stay. */
export async function storeStateRows(db: Db, room: RoomNumber, rows: readonly StateRow[]): Promise<void> {
  if (rows.length === 0) return
  await db.query(sql`
    insert into state_nodes (id, room, nodes)
    select id, ${room}::bigint, nodes from unnest(${rows.map((row) => row.id)}::bigint[],
      ${rows.map((row) => Buffer.from(row.bytes))}::bytea[]) as row(id, nodes)
    on conflict do nothing`)
}
