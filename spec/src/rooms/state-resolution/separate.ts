import { type NumberedEvents, none } from './numbered-events.ts'
import type { Conflict } from './source.ts'

export interface Separated {
  /** The entries in no conflict: what callers that compare in pairs may leave in. */
  agreed: number[]
  /** The conflicted keys, in the order of the forks' entries. */
  keys: number[]
  /** Per fork, its entries under `keys`, `none` where it has none. */
  forks: Int32Array[]
}

/**
 * Parts the entries on which the forks differ from those that they agree on.
 *
 * @param absenceDiffers whether a key that only some of the forks have is in conflict
 */
export function separate(
  events: NumberedEvents,
  forks: Conflict['forks'],
  { absenceDiffers }: { absenceDiffers: boolean },
): Separated {
  const rows: Int32Array[] = []
  let last: { fork: Fork; row: Int32Array } | undefined
  for (const fork of forks) {
    const row = numbersOf(events, fork, last)
    rows.push(row)
    last = { fork, row }
  }
  const agreed: number[] = []
  const keys: number[] = []
  const conflicted: number[] = []
  for (let column = 0; column < (rows[0]?.length ?? 0); column++) {
    const entry = commonEntry(rows, column, absenceDiffers)
    if (entry !== none) agreed.push(entry)
    else if (conflicted.push(column)) keys.push(keyOf(events, rows, column))
  }
  const areAll = conflicted.length === rows[0]?.length
  return { agreed, keys, forks: areAll ? rows : rows.map((row) => pick(row, conflicted)) }
}

function pick(row: Int32Array, columns: readonly number[]): Int32Array {
  const picked = new Int32Array(columns.length)
  for (let index = 0; index < picked.length; index++) picked[index] = row[columns[index] as number] as number
  return picked
}

type Fork = Conflict['forks'][number]

/** Most entries are those of the fork before: they are not looked up again. */
function numbersOf(events: NumberedEvents, fork: Fork, last?: { fork: Fork; row: Int32Array }): Int32Array {
  const row = new Int32Array(fork.length)
  for (let column = 0; column < row.length; column++) {
    const event = fork[column]
    if (!event) row[column] = none
    else if (last && last.fork[column] === event) row[column] = last.row[column] as number
    else row[column] = events.numberOf(event)
  }
  return row
}

/** The one entry under a key, or `none` when the forks differ. */
function commonEntry(rows: readonly Int32Array[], column: number, absenceDiffers: boolean): number {
  let common = none
  let isAbsent = false
  for (const row of rows) {
    const entry = row[column] as number
    if (entry === none) isAbsent = true
    else if (common === none) common = entry
    else if (entry !== common) return none
  }
  return isAbsent && absenceDiffers ? none : common
}

function keyOf(events: NumberedEvents, rows: readonly Int32Array[], column: number): number {
  for (const row of rows) if (row[column] !== none) return events.key(row[column] as number)
  return none
}
