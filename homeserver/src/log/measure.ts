/** What changes weigh in memory and on the wire: estimates, for the bounds on queues, batches and the tail. */
import type { Kinds } from './batch.ts'
import type { Unit } from './log.ts'

const ROW_BYTES = 128
const DEFAULT_PAYLOAD_BYTES = 512

/** @throws for a unit without a change, or of a kind that is not registered: a caller's bug */
export function measureUnit(unit: Unit, kinds: Kinds): number {
  if (unit.changes.length === 0) throw new Error('a unit without a change')
  return unit.changes.reduce((sum, change) => {
    if (!kinds.has(change.kind)) throw new Error(`the kind ${change.kind} is not registered`)
    return sum + measureRow(change, kinds)
  }, 0)
}

/** Rows of other processes come without a payload. */
export function measureRow({ kind, payload }: { kind: number; payload?: unknown }, kinds: Kinds): number {
  if (payload === undefined) return ROW_BYTES
  return ROW_BYTES + (kinds.get(kind)?.bytes?.(payload) ?? DEFAULT_PAYLOAD_BYTES)
}
