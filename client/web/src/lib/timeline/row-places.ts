import type { VirtualItem, Virtualizer } from '@tanstack/virtual-core'
import type { Position } from './virtual-list-options.ts'

/** Where the rows of a list are, by their keys. */
export class RowPlaces<Row extends { readonly key: string }> {
  readonly #virtualizer: () => Virtualizer<HTMLElement, HTMLElement>
  readonly #isLasting: (row: Row) => boolean
  #rows: readonly Row[] = []
  #indexes: ReadonlyMap<string, number> = new Map()

  constructor(virtualizer: () => Virtualizer<HTMLElement, HTMLElement>, isLasting: (row: Row) => boolean) {
    this.#virtualizer = virtualizer
    this.#isLasting = isLasting
  }

  get rows(): readonly Row[] {
    return this.#rows
  }

  indexOf(key: string | undefined): number | undefined {
    return key === undefined ? undefined : this.#indexes.get(key)
  }

  /** @returns px from the start of the list */
  startOf(key: string | undefined): number | undefined {
    return this.#itemAt(this.indexOf(key))?.start
  }

  /** @returns where a row is that was seen, the lowest that is there afterwards too */
  replace(rows: readonly Row[]): Position | undefined {
    const indexes = new Map(rows.map(({ key }, index) => [key, index]))
    const lowest = this.#rows
      .slice(0, (this.#indexAt(this.#window.to - 1) ?? -1) + 1)
      .findLast((row) => this.#isLasting(row) && indexes.has(row.key))
    const position = this.#positionOf(lowest)
    this.#rows = rows
    this.#indexes = indexes
    return position
  }

  /** Where one reads: the first row that is seen and that lasts. */
  get position(): Position | undefined {
    const index = this.#indexAt(this.#window.from)
    return this.#positionOf(this.#rows.slice(index).find((row) => this.#isLasting(row)))
  }

  /** The last row in the page that ends above a place. */
  lastAbove(px: number): Row | undefined {
    const index = this.#virtualizer()
      .getVirtualItems()
      .findLast(({ end }) => end <= px)?.index
    return index === undefined ? undefined : this.#rows[index]
  }

  get #window() {
    const { scrollOffset, scrollRect } = this.#virtualizer()
    const from = scrollOffset ?? 0
    return { from, to: from + (scrollRect?.height ?? 0) }
  }

  #indexAt(px: number): number | undefined {
    return this.#virtualizer().getVirtualItemForOffset(px)?.index
  }

  #itemAt(index: number | undefined): VirtualItem | undefined {
    return index === undefined ? undefined : this.#virtualizer().measurementsCache[index]
  }

  #positionOf(row: Row | undefined): Position | undefined {
    const start = this.startOf(row?.key)
    return row && start !== undefined ? { key: row.key, offset: start - this.#window.from } : undefined
  }
}
