import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core'
import { flushSync, untrack } from 'svelte'

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
  /** px above the first row. */
  spaceBefore: number
  bookmark: Bookmark | undefined
  /** The rows, the place or the size have changed. */
  onmove(): void
  onleave(bookmark: Bookmark): void
}

/** So close to the end, in px, is at the end. */
const endPx = 32
const overscan = 8

/**
 * A list whose rows stay where they are on the screen, whatever comes before them, and which follows its end while one
 * is there. Only the rows near what is seen are in the page. Create it while a component is being made.
 */
export class VirtualList<Row extends { readonly key: string }> {
  readonly #options: VirtualListOptions<Row>
  readonly #virtualizer: Virtualizer<HTMLElement, HTMLElement>
  #version = $state(0)
  #isAtEnd = $state(true)
  #keptKey = $state<string>()
  #rows: readonly Row[] = []
  #indexes = new Map<string, number>()
  #scroller: HTMLElement | undefined
  #size = { width: 0, height: 0 }
  #isRendering = false
  /** Where to go once the rows are in the page. */
  #next: Position | 'end' | undefined
  readonly #view = $derived.by(() => this.#layOut())

  constructor(options: VirtualListOptions<Row>) {
    this.#options = options
    this.#next = options.bookmark?.position ?? 'end'
    this.#virtualizer = new Virtualizer({
      ...this.#settings(),
      initialMeasurementsCache: options.bookmark?.sizes ?? [],
    })
    $effect(() => {
      void this.#view
      untrack(() => this.#settle())
    })
  }

  /** The rows in the page, in order. */
  get shown() {
    return this.#view.shown
  }

  get totalPx() {
    return this.#view.totalPx
  }

  get isAtEnd() {
    return this.#isAtEnd
  }

  /** What is seen, in px from the start of the list. */
  get window(): { from: number; to: number } {
    const from = this.#virtualizer.scrollOffset ?? 0
    return { from, to: from + this.#size.height }
  }

  /** A row that stays in the page wherever one scrolls, as it has the focus. */
  set keptKey(key: string | undefined) {
    this.#keptKey = key
  }

  /** Attach to the element that scrolls. */
  readonly scroller = (element: HTMLElement): (() => void) => {
    this.#scroller = element
    this.#size = { width: element.clientWidth, height: element.clientHeight }
    const unmount = this.#virtualizer._didMount()
    const observer = new ResizeObserver(() => this.#resize(element))
    observer.observe(element)
    element.addEventListener('scroll', this.#moved, { passive: true })
    this.#draw()
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', this.#moved)
      this.#options.onleave(this.#bookmark())
      unmount()
      this.#scroller = undefined
    }
  }

  /** Attach to each row, which has its index in `data-index`. */
  readonly row = (element: HTMLElement): void => {
    this.#rendering(() => this.#virtualizer.measureElement(element))
  }

  toEnd(): void {
    this.#virtualizer.scrollToEnd()
  }

  /** @returns whether there is such a row */
  toKey(key: string, align: 'center' | 'auto' = 'center'): boolean {
    const index = this.#indexes.get(key)
    if (index !== undefined) this.#virtualizer.scrollToIndex(index, { align })
    return index !== undefined
  }

  #settings() {
    const rows = this.#rows
    const keptIndex = this.#indexes.get(this.#keptKey ?? '')
    return {
      count: rows.length,
      getItemKey: (index: number) => rows[index]?.key ?? index,
      estimateSize: (index: number) => {
        const row = rows[index]
        return row ? this.#options.estimate(row, this.#size.width) : 0
      },
      rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) =>
        withIndex(defaultRangeExtractor(range), keptIndex),
      paddingStart: this.#options.spaceBefore,
      overscan,
      anchorTo: 'end',
      followOnAppend: true,
      scrollEndThreshold: endPx,
      getScrollElement: () => this.#scroller ?? null,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: this.#changed,
    } as const
  }

  /** Follows the rows. The virtualizer keeps the row at the top of what is seen where it is, by its key. */
  #layOut() {
    void this.#version
    const rows = this.#options.rows()
    const virtualizer = this.#virtualizer
    if (rows !== this.#rows) {
      const indexes = new Map(rows.map(({ key }, index) => [key, index]))
      this.#next ??= this.#survivor(indexes)
      this.#rows = rows
      this.#indexes = indexes
    }
    virtualizer.setOptions(this.#settings())
    const shown = virtualizer.getVirtualItems().flatMap(({ index, start }) => {
      const row = rows[index]
      return row ? [{ row, index, start }] : []
    })
    return { shown, totalPx: virtualizer.getTotalSize() }
  }

  /** @returns where another row must stay, if that at the top goes away */
  #survivor(indexes: ReadonlyMap<string, number>): Position | undefined {
    const top = this.#virtualizer.getVirtualItemForOffset(this.window.from)
    if (!top || this.#isAtEnd || indexes.has(String(top.key))) return undefined
    const row = this.#rows.slice(top.index).find(({ key }) => indexes.has(key))
    return row && this.#positionOf(row.key)
  }

  #positionOf(key: string): Position | undefined {
    const start = this.#startOf(key)
    return start === undefined ? undefined : { key, offset: start - this.window.from }
  }

  #startOf(key: string): number | undefined {
    return this.#virtualizer.measurementsCache[this.#indexes.get(key) ?? -1]?.start
  }

  /** The rows are in the page. */
  #settle(): void {
    if (!this.#scroller) return
    this.#rendering(() => this.#virtualizer._willUpdate())
    const next = this.#rows.length > 0 ? this.#next : undefined
    if (next) {
      this.#next = undefined
      const start = next === 'end' ? undefined : this.#startOf(next.key)
      if (next === 'end' || start === undefined) this.toEnd()
      else this.#jump(start - next.offset)
    }
    this.#moved()
  }

  /** Sizes that are measured next count from here at once, which they don't after a scroll of the virtualizer's own. */
  #jump(px: number): void {
    if (!this.#scroller) return
    this.#scroller.scrollTop = px
    this.#virtualizer.scrollOffset = this.#scroller.scrollTop
    this.#draw()
  }

  #resize(element: HTMLElement): void {
    const before = this.#size
    this.#size = { width: element.clientWidth, height: element.clientHeight }
    const position = this.#bookmark().position
    if (before.width !== this.#size.width) {
      this.#virtualizer.measure()
      for (const row of this.#virtualizer.elementsCache.values()) this.row(row)
      this.#next = position
    } else if (position === 'end') {
      this.toEnd()
    } else {
      this.#jump(this.window.from + before.height - this.#size.height)
    }
    this.#draw()
  }

  #bookmark(): Bookmark {
    const top = this.#virtualizer.getVirtualItemForOffset(this.window.from)
    const position = top && { key: String(top.key), offset: top.start - this.window.from }
    return {
      position: this.#isAtEnd || !position ? 'end' : position,
      widthPx: this.#size.width,
      sizes: this.#virtualizer.takeSnapshot(),
    }
  }

  #draw(): void {
    // Where an effect says so, it must not come to depend on it.
    this.#version = untrack(() => this.#version) + 1
  }

  readonly #changed = (_: unknown, isSync: boolean): void => {
    this.#draw()
    if (isSync && !this.#isRendering) flushSync()
  }

  readonly #moved = (): void => {
    if (!this.#scroller) return
    this.#isAtEnd = this.#virtualizer.isAtEnd(endPx)
    this.#options.onmove()
  }

  #rendering(work: () => void): void {
    this.#isRendering = true
    try {
      work()
    } finally {
      this.#isRendering = false
    }
  }
}

function withIndex(indexes: number[], extra: number | undefined): number[] {
  if (extra === undefined || indexes.includes(extra)) return indexes
  return [...indexes, extra].sort((one, other) => one - other)
}
