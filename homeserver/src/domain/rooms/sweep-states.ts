/**
 * Takes away what nothing refers to of a room's states: marks what the room's roots reach, sets the other rows aside, and
 * deletes those that were set aside long before this mark began and that it has not reached either.
 *
 * Writers go on meanwhile. What they stored and have not published yet may be set aside; published, it is reached by the next mark, or
 * read before, and comes back (`stateRows`). So what is lost would have been computed a day before it was published.
 */
import { Marks, mark, type NodeId } from '@kith/spec/rooms/state-trie'
import type { Database, Db, Tx } from '../../platform/database.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import { databaseTime, deleteAside, rootsOfRoom, setAside, stateRowIds } from '../../storage/state-sweeps.ts'
import { stateRows } from '../../storage/states.ts'

export interface SweepOptions {
  database: Database
  /** How long a row is kept aside before it is deleted. */
  keptMs: number
  /** Called in every transaction; it throws where the work has become another's. */
  check?(tx: Tx): Promise<void>
  /** Ends the sweep early: the next one takes it up. */
  signal?: AbortSignal
  /** Where a test stands in. */
  rootsOf?: (db: Db, room: RoomNumber) => AsyncIterable<readonly NodeId[]>
}

export interface Swept {
  setAside: number
  deleted: number
}

const rowsAtOnce = 500

export async function sweepStates(room: RoomNumber, options: SweepOptions): Promise<Swept> {
  const { database, keptMs, rootsOf = rootsOfRoom } = options
  const began = await databaseTime(database)
  // Before the roots: a row that comes later is not looked at.
  const rows = await stateRowIds(database, room)
  const marks = new Marks()
  for await (const roots of rootsOf(database, room)) await markFrom(options, marks, roots)
  const unreached = rows.filter((row) => !marks.hasRow(row))
  for (let at = 0; at < unreached.length; at += rowsAtOnce) {
    await write(options, (tx) => setAside(tx, unreached.slice(at, at + rowsAtOnce)))
  }
  const old = { room, before: new Date(began.getTime() - keptMs), limit: rowsAtOnce }
  let deleted = 0
  for (let gone = rowsAtOnce; gone === rowsAtOnce; deleted += gone) {
    gone = await write(options, (tx) => deleteAside(tx, old))
  }
  return { setAside: unreached.length, deleted }
}

/** Reads every row that is reached, so that those set aside come back. */
async function markFrom(
  { database, signal }: SweepOptions,
  marks: Marks,
  roots: readonly NodeId[],
): Promise<void> {
  const walk = mark(marks, roots)
  for (let step = walk.next([]); !step.done; ) {
    signal?.throwIfAborted()
    step = walk.next(await requireRows(database, step.value))
  }
}

async function requireRows(database: Db, ids: readonly number[]) {
  const rows = await stateRows(database, ids)
  if (rows.length < ids.length) throw new Error(`state rows are missing: ${ids.length - rows.length}`)
  return rows
}

function write<T>({ database, check }: SweepOptions, work: (tx: Tx) => Promise<T>): Promise<T> {
  return database.transaction(async (tx) => {
    await check?.(tx)
    return work(tx)
  })
}
