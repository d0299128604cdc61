/** Rows of tries that nothing refers to, and the rooms in which there may be some. Times are the database's. */
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { type Db, many, maybeOne, one, type Sql, sql, type Tx } from '../platform/database.ts'
import type { RoomNumber } from './interning.ts'

export interface Sweep {
  room: RoomNumber
  /** Reasons to sweep so far. */
  asked: number
}

/** Rooms whose sweep is due, the longest waiting first. */
export function dueSweeps(db: Db, limit: number): Promise<Sweep[]> {
  return many(
    db,
    sql`select room, asked from state_sweeps where due <= clock_timestamp() order by due limit ${limit}`,
  )
}

/** Has a room swept after a while. To be called with whatever may leave rows behind. */
export const askForSweep = (room: RoomNumber, afterMs: number): Sql => sql`
  insert into state_sweeps (room, due) values (${room}, clock_timestamp() + ${afterMs} * interval '1 millisecond')
  on conflict (room) do update set asked = state_sweeps.asked + 1`

/** A room is done with unless there was a new reason, or rows that are set aside still wait. */
export async function finishSweep(tx: Tx, { room, asked }: Sweep, againMs: number): Promise<void> {
  const done = await maybeOne(
    tx,
    sql`
    delete from state_sweeps where room = ${room} and asked = ${asked}
      and not exists (select from state_nodes_aside where room = ${room}) returning room`,
  )
  if (!done) await postponeSweep(tx, room, againMs)
}

export async function postponeSweep(db: Db, room: RoomNumber, byMs: number): Promise<void> {
  await db.query(sql`
    update state_sweeps set due = clock_timestamp() + ${byMs} * interval '1 millisecond' where room = ${room}`)
}

export async function databaseTime(db: Db): Promise<Date> {
  return (await one<{ now: Date }>(db, sql`select clock_timestamp() as now`)).now
}

const pageRows = 50_000

/** IDs of all rows of a room. */
export async function stateRowIds(db: Db, room: RoomNumber): Promise<number[]> {
  const ids: number[] = []
  for (;;) {
    const page = await many<{ id: number }>(
      db,
      sql`
      select id from state_nodes where room = ${room} and id > ${ids.at(-1) ?? 0} order by id limit ${pageRows}`,
    )
    for (const { id } of page) ids.push(id)
    if (page.length < pageRows) return ids
  }
}

/** Every root that something stored refers to in a room, page by page. */
export async function* rootsOfRoom(db: Db, room: RoomNumber): AsyncGenerator<NodeId[]> {
  yield* currentRoots(db, room)
  yield* placedRoots(db, room)
  yield* unplacedRoots(db, room)
}

interface Roots {
  before: NodeId | null
  after: NodeId | null
}

const rootsIn = (rows: readonly Roots[]): NodeId[] =>
  rows.flatMap(({ before, after }) => [before, after].filter((root) => root !== null))

const rootsAtOnce = 10_000

async function* currentRoots(db: Db, room: RoomNumber): AsyncGenerator<NodeId[]> {
  for (let last = -1; ; ) {
    const page = await many<{ version: number; root: NodeId }>(
      db,
      sql`
      select version, root from room_states where room = ${room} and version > ${last}
      order by version limit ${rootsAtOnce}`,
    )
    yield page.map(({ root }) => root)
    if (page.length < rootsAtOnce) return
    last = page.at(-1)?.version ?? last
  }
}

async function* placedRoots(db: Db, room: RoomNumber): AsyncGenerator<NodeId[]> {
  let last = { position: -1, slot: 0 }
  for (;;) {
    const page = await many<Roots & { position: number; slot: number }>(
      db,
      sql`
      select position, slot, root_before as before, root_after as after from events
      where room = ${room} and (position, slot) > (${last.position}::bigint, ${last.slot}::integer)
      order by position, slot limit ${rootsAtOnce}`,
    )
    yield rootsIn(page)
    if (page.length < rootsAtOnce) return
    last = page.at(-1) ?? last
  }
}

async function* unplacedRoots(db: Db, room: RoomNumber): AsyncGenerator<NodeId[]> {
  for (let last = 0; ; ) {
    const page = await many<Roots & { number: number }>(
      db,
      sql`
      select number, root_before as before, root_after as after from events
      where room = ${room} and number > ${last} and position is null and root_after is not null
      order by number limit ${rootsAtOnce}`,
    )
    yield rootsIn(page)
    if (page.length < rootsAtOnce) return
    last = page.at(-1)?.number ?? last
  }
}

export async function setAside(tx: Tx, ids: readonly number[]): Promise<void> {
  await tx.query(sql`
    with gone as (delete from state_nodes where id = any(${ids}::bigint[]) returning id, room, nodes)
    insert into state_nodes_aside (id, room, nodes, since) select id, room, nodes, clock_timestamp() from gone
    on conflict (id) do update set since = excluded.since`)
}

/** Deletes rows of a room that were set aside before a time. @returns how many, at most `limit` */
export async function deleteAside(
  tx: Tx,
  { room, before, limit }: { room: RoomNumber; before: Date; limit: number },
): Promise<number> {
  const gone = await many(
    tx,
    sql`
    delete from state_nodes_aside where id in (
      select id from state_nodes_aside where room = ${room} and since < ${before} limit ${limit}) returning id`,
  )
  return gone.length
}
