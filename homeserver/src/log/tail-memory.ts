/** The newest rows of the log, in order, bounded in number and bytes. */
import type { Position, TailRow } from './log.ts'

export interface TailMemory {
  readonly head: Position
  /** @param rows all after the head, in order; @param bytes what they weigh */
  append(rows: readonly TailRow[], bytes: number): void
  since(after: Position): readonly TailRow[] | 'beyond the tail'
}

export interface TailBounds {
  tailRows: number
  tailBytes: number
}

/** Rows come and go by chunks, one per append: nothing is moved, and a chunk's weight is known. */
interface Chunk {
  rows: readonly TailRow[]
  bytes: number
}

export function createTailMemory(start: Position, bounds: TailBounds): TailMemory {
  let head = start
  /** All rows after this position, up to the head, are here. */
  let floor = start
  let chunks: Chunk[] = []
  let count = 0
  let bytes = 0

  function forget(): void {
    let gone = 0
    while (gone < chunks.length && (count > bounds.tailRows || bytes > bounds.tailBytes)) {
      const chunk = chunks[gone++]
      floor = chunk?.rows.at(-1)?.position ?? floor
      count -= chunk?.rows.length ?? 0
      bytes -= chunk?.bytes ?? 0
    }
    if (gone > 0) chunks = chunks.slice(gone)
  }

  return {
    get head() {
      return head
    },
    append(rows, weight) {
      const last = rows.at(-1)
      if (last === undefined) return
      head = last.position
      chunks.push({ rows, bytes: weight })
      count += rows.length
      bytes += weight
      forget()
    },
    since(after) {
      if (after < floor) return 'beyond the tail'
      const from = firstAfter(chunks, ({ rows }) => rows.at(-1)?.position ?? 0, after)
      const [first, ...rest] = chunks.slice(from)
      if (first === undefined) return []
      const skip = firstAfter(first.rows, ({ position }) => position, after)
      return first.rows.slice(skip).concat(...rest.map(({ rows }) => rows))
    },
  }
}

/** The index of the first item whose position is after the given one, by halving. */
function firstAfter<T>(items: readonly T[], positionOf: (item: T) => Position, after: Position): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    const item = items[middle]
    if (item !== undefined && positionOf(item) <= after) low = middle + 1
    else high = middle
  }
  return low
}
