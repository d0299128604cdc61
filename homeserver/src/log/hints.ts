/**
 * What a process tells the others after each of its batches: the rows themselves where they are few, so that nobody
 * needs to read them; else only that there is something to read. Payloads are not sent: readers load them from the kind's table.
 */
import type { LogRow, Position } from './log.ts'

export interface Hint {
  /** The position before the first row. */
  base: Position
  /** Absent when the batch was too large to send. */
  rows?: LogRow[]
}

type Packed = [
  position: Position,
  kind: number,
  room: number | null,
  user: number | null,
  relay: string | null,
]

/** @param most characters of a hint */
export function encodeHint(base: Position, rows: readonly LogRow[], most: number): string {
  const packed = rows.map(({ position, kind, room = null, user = null, relay = null }): Packed => {
    return [position, kind, room, user, relay]
  })
  const whole = JSON.stringify([base, packed])
  return whole.length <= most ? whole : JSON.stringify([base])
}

/** @returns undefined for a message that no process of this version sends */
export function decodeHint(message: string): Hint | undefined {
  try {
    const [base, packed]: [Position, Packed[] | undefined] = JSON.parse(message)
    if (!Number.isSafeInteger(base)) return undefined
    return packed === undefined ? { base } : { base, rows: packed.map(unpack) }
  } catch {
    return undefined
  }
}

function unpack([position, kind, room, user, relay]: Packed): LogRow {
  return { position, kind, room: room ?? undefined, user: user ?? undefined, relay: relay ?? undefined }
}
