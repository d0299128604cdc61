import type { VirtualItem } from '@tanstack/virtual-core'

/** Where somebody reads: a row, and how far its top is below the top of what is seen, in px. */
export interface Position {
  key: string
  offset: number
}

/** What one comes back to. */
export interface Bookmark {
  position: Position | 'end'
  widthPx: number
  sizes: VirtualItem[]
}

export interface VirtualListOptions<Row> {
  rows(): readonly Row[]
  /** @returns px */
  estimate(row: Row, widthPx: number): number
  /** px above the first row, and below the last. */
  space: { before: number; after: number }
  /** Whether a row is still the same one when others come before it. */
  isLasting(row: Row): boolean
  bookmark: Bookmark | undefined
  /** The rows, the place or the size have changed. */
  onmove(): void
  onleave(bookmark: Bookmark): void
}
