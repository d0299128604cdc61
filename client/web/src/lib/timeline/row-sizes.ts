import { defaultRangeExtractor, measureElement, type Range } from '@tanstack/virtual-core'

/** How tall rows will be. Each is guessed once, by its key: a guess that changes would move what is below it. */
export class RowEstimates<Row extends { readonly key: string }> {
  readonly #estimate: (row: Row, widthPx: number) => number
  readonly #known = new Map<string, number>()

  constructor(estimate: (row: Row, widthPx: number) => number) {
    this.#estimate = estimate
  }

  /** @returns px */
  of(row: Row | undefined, widthPx: number): number {
    if (!row) return 0
    const px = this.#known.get(row.key) ?? this.#estimate(row, widthPx)
    this.#known.set(row.key, px)
    return px
  }

  forget(): void {
    this.#known.clear()
  }
}

/** The virtualizer does not notice that it has measured a row whose estimate was right: it would be guessed again. */
export const measureRow: typeof measureElement<HTMLElement> = (element, entry, virtualizer) => {
  const px = measureElement(element, entry, virtualizer)
  const item = virtualizer.measurementsCache[virtualizer.indexFromElement(element)]
  if (item?.size === px) virtualizer.itemSizeCache.set(item.key, px)
  return px
}

/** The rows to have in the page: those of the range, and one more wherever it is. */
export function rangeWith(range: Range, extra: number | undefined): number[] {
  const indexes = defaultRangeExtractor(range)
  if (extra === undefined || indexes.includes(extra)) return indexes
  return [...indexes, extra].sort((one, other) => one - other)
}
