import type { NodeId, TrieRow } from '@kith/spec/rooms/state-trie'
import { type Db, many, maybeOne, sql } from '../platform/database.ts'
import type { StateRow } from './event-inserts.ts'
import type { RoomNumber } from './interning.ts'
import { askForSweep } from './state-sweeps.ts'

/** Packed rows of trie nodes by row id; one that was set aside to be swept away comes back. Missing ones are absent. */
export async function stateRows(db: Db, ids: readonly number[]): Promise<TrieRow[]> {
  const found = await presentRows(db, ids)
  if (found.length === ids.length) return found
  const present = new Set(found.map(({ id }) => id))
  const missing = ids.filter((id) => !present.has(id))
  await db.query(sql`
    with back as (delete from state_nodes_aside where id = any(${missing}::bigint[]) returning id, room, nodes)
    insert into state_nodes (id, room, nodes) select id, room, nodes from back on conflict do nothing`)
  return [...found, ...(await presentRows(db, missing))]
}

const presentRows = (db: Db, ids: readonly number[]): Promise<TrieRow[]> =>
  many(db, sql`select id, nodes as bytes from state_nodes where id = any(${ids}::bigint[])`)

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

/** What is stored ahead is published by then, or never. */
const sweepAfterMs = 3_600_000

/**
 * Stores trie rows ahead of what refers to them. Rows that are there already stay. Should nothing come to refer to them, the
 * room's sweep finds them.
 */
export async function storeStateRows(db: Db, room: RoomNumber, rows: readonly StateRow[]): Promise<void> {
  if (rows.length === 0) return
  await db.query(sql`
    with asked as (${askForSweep(room, sweepAfterMs)})
    insert into state_nodes (id, room, nodes)
    select id, ${room}::bigint, nodes from unnest(${rows.map((row) => row.id)}::bigint[],
      ${rows.map((row) => Buffer.from(row.bytes))}::bytea[]) as row(id, nodes)
    on conflict do nothing`)
}
