/** The work of one shard, for as long as this process holds it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Tx } from '../platform/database.ts'
import { holdEpoch, type ShardCursor, storeCursors } from './lease-rows.ts'
import type { Position, Tail } from './log.ts'
import type { Waiters } from './waiters.ts'

/** The shard belongs to another process now, or to none. What the work wrote under the lease must be rolled back. */
export class LeaseLost extends Error {
  override name = 'LeaseLost'
}

export interface Lease {
  /** Aborted when the shard is no longer to be worked on; work should come to an end then. */
  readonly signal: AbortSignal
  /** To be called in every transaction the work makes: it fails if the shard changed hands, and keeps it until COMMIT. @throws LeaseLost */
  check(tx: Tx): Promise<void>
  /** Stores the cursor in the work's own transaction, so that its effects and the cursor move together. @throws LeaseLost */
  store(tx: Tx, cursor: Position): Promise<void>
}

export interface Turn {
  shard: number
  /** Everything up to here is done. */
  after: Position
  /** The head as this process knows it; after `after`. */
  upTo: Position
  lease: Lease
}

/**
 * Works on the log's rows after `after`, up to and including `upTo`.
 *
 * @returns the position up to which all is done, between the two. Progress is continued at once; no progress is tried again
 *   after a pause, as is an error. The cursor is stored every few seconds: after a crash, rows done since then come again.
 */
export type Work = (turn: Turn) => Promise<Position>

export interface HeldShard {
  readonly place: ShardCursor
  /** The cursor that the database has, or a later one. */
  stored: Position
  /** Ends the work; resolves when it has ended. */
  leave(): Promise<void>
}

export interface HeldOptions {
  place: ShardCursor
  work: Work
  tail: Tail
  waiters: Waiters
  report(what: string, error: unknown): void
  /** The epoch has moved: the work has ended by itself. */
  lost(): void
}

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 60_000

export function holdShard({ place, work, tail, waiters, report, lost }: HeldOptions): HeldShard {
  const ending = new AbortController()
  const { signal } = ending
  const lease: Lease = {
    signal,
    async check(tx) {
      if (!(await holdEpoch(tx, place))) throw new LeaseLost(`${place.kind} ${place.shard}`)
    },
    async store(tx, cursor) {
      const stored = await storeCursors(tx, [{ ...place, cursor }])
      if (stored.length === 0) throw new LeaseLost(`${place.kind} ${place.shard}`)
    },
  }

  async function turn(): Promise<boolean> {
    const after = place.cursor
    const upTo = tail.head
    const done = await work({ shard: place.shard, after, upTo, lease })
    if (!(done >= after && done <= upTo)) throw new RangeError(`${done} is not between ${after} and ${upTo}`)
    place.cursor = done
    return done > after
  }

  async function run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS
    while (!signal.aborted) {
      try {
        if (place.cursor >= tail.head) await waiters.wait(place.cursor + 1, signal)
        if (await turn()) {
          pauseMs = FIRST_PAUSE_MS
          continue
        }
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof LeaseLost) return lost()
        report(`the follower ${place.kind} ${place.shard} failed and tries again`, error)
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => {})
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    }
  }

  const running = run()
  return {
    place,
    stored: place.cursor,
    leave() {
      ending.abort(new LeaseLost(`${place.kind} ${place.shard}`))
      return running
    },
  }
}
