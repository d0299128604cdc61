/** Sweeps the states of rooms in which something may have been left behind; one process does it for all. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lease } from '../../log/follower.ts'
import type { Followers } from '../../log/followers.ts'
import { dueSweeps, finishSweep, postponeSweep, type Sweep } from '../../storage/state-sweeps.ts'
import type { Homeserver } from '../homeserver.ts'
import { sweepStates } from './sweep-states.ts'

const hourMs = 3_600_000
const pauseMs = hourMs / 6
/** Longer than anything takes from its computation to its commit, by far. */
const keptMs = 24 * hourMs
const roomsAtOnce = 100

type Parts = Pick<Homeserver, 'database' | 'logger'>

export function followSweeps(server: Parts, followers: Followers): Promise<void> {
  return followers.follow({
    kind: 'state-sweep',
    shards: 1,
    async work({ upTo, lease }) {
      await sweepDue(server, { lease, keptMs })
      await sleep(pauseMs, undefined, { signal: lease.signal })
      return upTo
    },
  })
}

/** @returns how many rooms were swept */
export async function sweepDue(
  server: Parts,
  { lease, keptMs }: { lease: Lease; keptMs: number },
): Promise<number> {
  const due = await dueSweeps(server.database, roomsAtOnce)
  for (const sweep of due) {
    if (lease.signal.aborted) break
    await sweepSafely(server, sweep, { lease, keptMs })
  }
  return due.length
}

/** A room with a damaged state must not hold up the others. */
async function sweepSafely(
  { database, logger }: Parts,
  sweep: Sweep,
  { lease, keptMs }: { lease: Lease; keptMs: number },
): Promise<void> {
  const { room } = sweep
  try {
    const check = (tx: Parameters<Lease['check']>[0]) => lease.check(tx)
    const swept = await sweepStates(room, { database, keptMs, check, signal: lease.signal })
    if (swept.setAside + swept.deleted > 0) logger.info({ room, ...swept }, 'states of a room were swept')
    await database.transaction(async (tx) => {
      await lease.check(tx)
      await finishSweep(tx, sweep, keptMs + hourMs)
    })
  } catch (error) {
    if (lease.signal.aborted) throw error
    logger.error({ err: error, room }, 'the states of a room could not be swept')
    await postponeSweep(database, room, keptMs)
  }
}
