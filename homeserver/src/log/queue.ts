/**
 * The units that wait to be committed, and which of them go into the next batch.
 *
 * A batch holds units that can all pass together. Units of one room whose state versions follow on one another do;
 * one that doesn't fit its predecessor, or has the transaction key of another, waits for the next batch, and all later
 * ones of its room with it: then the database knows who lost.
 */
import type { LogLimits } from './limits.ts'
import type { Committed, Unit } from './log.ts'

export interface Pending {
  unit: Unit
  bytes: number
  /** On the clock of `performance.now()`. */
  deadline: number
  /** Units that are built on one another share it. */
  chain: object | undefined
  answered: boolean
  resolve(committed: Committed): void
  reject(error: Error): void
}

export interface Queue {
  readonly size: number
  /** @returns false when full */
  add(pending: Pending): boolean
  /** Takes the next batch out; empty when nothing waits. */
  take(): Pending[]
  /** Takes out those whose deadline has passed. */
  expired(now: number): Pending[]
}

export function createQueue(limits: LogLimits): Queue {
  let waiting: Pending[] = []
  let bytes = 0
  return {
    get size() {
      return waiting.length
    },
    add(pending) {
      if (waiting.length >= limits.queueUnits || bytes + pending.bytes > limits.queueBytes) return false
      waiting.push(pending)
      bytes += pending.bytes
      return true
    },
    take() {
      const { taken, left } = nextBatch(waiting, limits)
      waiting = left
      bytes -= sumBytes(taken)
      return taken
    },
    expired(now) {
      const late = waiting.filter(({ deadline }) => deadline <= now)
      if (late.length > 0) waiting = waiting.filter(({ deadline }) => deadline > now)
      bytes -= sumBytes(late)
      return late
    },
  }
}

const sumBytes = (units: Pending[]) => units.reduce((sum, { bytes }) => sum + bytes, 0)

function nextBatch(waiting: Pending[], limits: LogLimits): { taken: Pending[]; left: Pending[] } {
  const taken: Pending[] = []
  const left: Pending[] = []
  const fits = batchFilter()
  let rows = 0
  let bytes = 0
  for (const [index, pending] of waiting.entries()) {
    rows += pending.unit.changes.length
    bytes += pending.bytes
    const full = taken.length >= limits.batchUnits || rows > limits.batchRows || bytes > limits.batchBytes
    if (taken.length > 0 && full) return { taken, left: left.concat(waiting.slice(index)) }
    if (fits(pending.unit)) taken.push(pending)
    else left.push(pending)
  }
  return { taken, left }
}

/** @returns whether a unit fits a batch that holds all those that fitted before */
function batchFilter(): (unit: Unit) => boolean {
  const versions = new Map<number, number>()
  const blocked = new Set<number>()
  const keys = new Set<string>()
  return ({ room, transactionKeys }) => {
    const expected = room && versions.get(room.number)
    const fits =
      !transactionKeys.some(({ key }) => keys.has(key)) &&
      (room === undefined ||
        (!blocked.has(room.number) && (expected === undefined || expected === room.stateVersion)))
    for (const { key } of transactionKeys) keys.add(key)
    if (room === undefined) return fits
    if (fits) versions.set(room.number, room.next ? room.stateVersion + 1 : room.stateVersion)
    else blocked.add(room.number)
    return fits
  }
}
