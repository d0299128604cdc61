import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type Range,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core'
import { flushSync, untrack } from 'svelte'
import { measureRow, RowEstimates, rangeWith } from './row-sizes.ts'
import type { Bookmark, Position, VirtualListOptions } from './virtual-list-options.ts'

const endPx = 32 // So close to the end is at the end.
const overscan = 8 // Rows in the page beyond what is seen, on either side.

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
  #laidOut: { rows: readonly Row[]; keptIndex: number | undefined } | undefined
  #scroller: HTMLElement | undefined
  #size = { width: 0, height: 0 }
  #isRendering = false
  #hasNewRows = false
  readonly #estimates: RowEstimates<Row>
  /** What was seen at the top when rows came before it: they may not push it down. */
  #anchorKey = ''
  /** Where to go once the rows are in the page. */
  #next: Position | 'end' | undefined
  readonly #view = $derived.by(() => this.#layOut())

  constructor(options: VirtualListOptions<Row>) {
    this.#options = options
    this.#estimates = new RowEstimates(options.estimate)
    this.#next = options.bookmark?.position ?? 'end'
    this.#virtualizer = new Virtualizer({
      ...this.#settings(undefined),
      initialMeasurementsCache: options.bookmark?.sizes ?? [],
    })
    this.#virtualizer.shouldAdjustScrollPositionOnItemSizeChange = (row) => this.#isAbove(row)
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

  get isScrolling() {
    return this.#virtualizer.isScrolling
  }

  /** What is seen, in px from the start of the list. */
  get window(): { from: number; to: number } {
    const from = this.#virtualizer.scrollOffset ?? 0
    return { from, to: from + this.#size.height }
  }

  /** A row that stays in the page wherever one scrolls, as it has the focus. */
  get keptKey(): string | undefined {
    return this.#keptKey
  }

  set keptKey(key: string | undefined) {
    this.#keptKey = key
  }

  /** Attach to the element that scrolls. */
  readonly scroller = (element: HTMLElement): (() => void) => {
    this.#scroller = element
    this.#size = { width: element.clientWidth, height: element.clientHeight }
    if (this.#options.bookmark?.widthPx !== this.#size.width) this.#virtualizer.itemSizeCache.clear()
    const unmount = this.#virtualizer._didMount()
    this.#rendering(() => this.#virtualizer._willUpdate())
    const observer = new ResizeObserver(() => this.#resize(element))
    observer.observe(element)
    // Before the virtualizer's own listener, since to ask the page is quick while nothing has changed yet; and after.
    element.addEventListener('scroll', this.#look, { passive: true, capture: true })
    element.addEventListener('scroll', this.#scrolled, { passive: true })
    this.#draw()
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', this.#look, { capture: true })
      element.removeEventListener('scroll', this.#scrolled)
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

  /** The last row that ends above a place in the list. */
  lastRowAbove(px: number): Row | undefined {
    const items = this.#virtualizer.measurementsCache
    return this.shown.findLast(({ index }) => (items[index]?.end ?? 0) <= px)?.row
  }

  #settings(keptIndex: number | undefined) {
    const rows = this.#rows
    return {
      count: rows.length,
      getItemKey: (index: number) => rows[index]?.key ?? index,
      estimateSize: (index: number) => this.#estimates.of(rows[index], this.#size.width),
      measureElement: measureRow,
      rangeExtractor: (range: Range) => rangeWith(range, keptIndex),
      paddingStart: this.#options.space.before,
      paddingEnd: this.#options.space.after,
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
    const keptKey = this.#keptKey
    if (rows !== this.#rows) {
      const indexes = new Map(rows.map(({ key }, index) => [key, index]))
      this.#next ??= this.#survivor(indexes)
      this.#anchorKey = String(this.#top()?.key ?? '')
      this.#rows = rows
      this.#indexes = indexes
      this.#hasNewRows = true
    }
    const keptIndex = keptKey === undefined ? undefined : this.#indexes.get(keptKey)
    if (this.#laidOut?.rows !== rows || this.#laidOut.keptIndex !== keptIndex) {
      this.#laidOut = { rows, keptIndex }
      this.#virtualizer.setOptions(this.#settings(keptIndex))
    }
    const shown = this.#virtualizer.getVirtualItems().flatMap(({ index, start }) => {
      const row = rows[index]
      return row ? [{ row, index, start }] : []
    })
    return { shown, totalPx: this.#virtualizer.getTotalSize() }
  }

  /** @returns where another row must stay, if that at the top goes away */
  #survivor(indexes: ReadonlyMap<string, number>): Position | undefined {
    const top = this.#top()
    if (!top || this.#isAtEnd || indexes.has(String(top.key))) return undefined
    const row = this.#rows.slice(top.index).find(({ key }) => indexes.has(key))
    const start = row && this.#startOf(row.key)
    return start === undefined ? undefined : { key: row?.key ?? '', offset: start - this.window.from }
  }

  #top(): VirtualItem | undefined {
    return this.#virtualizer.getVirtualItemForOffset(this.window.from)
  }

  #startOf(key: string): number | undefined {
    return this.#virtualizer.measurementsCache[this.#indexes.get(key) ?? -1]?.start
  }

  /** Whether a change of this row's size would move what one reads. */
  #isAbove({ key, start, size }: VirtualItem): boolean {
    const { from } = this.window
    if (this.#virtualizer.itemSizeCache.has(key)) return start + size <= from
    return start < Math.max(from, this.#startOf(this.#anchorKey) ?? 0)
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
    if (!this.#hasNewRows) return
    this.#hasNewRows = false
    this.#look()
    this.#options.onmove()
  }

  /** Sizes that are measured next count from here at once, which they don't after a scroll of the virtualizer's own. */
  #jump(px: number): void {
    if (!this.#scroller) return
    this.#anchorKey = ''
    this.#scroller.scrollTop = px
    this.#virtualizer.scrollOffset = this.#scroller.scrollTop
    this.#draw()
  }

  /** Keeps what is at the bottom there, as when the field to write in grows. */
  #resize(element: HTMLElement): void {
    const before = this.#size
    this.#size = { width: element.clientWidth, height: element.clientHeight }
    const { position } = this.#bookmark()
    if (before.width !== this.#size.width) {
      this.#remeasure(position)
    } else if (before.height === this.#size.height) {
      return
    } else if (position === 'end') {
      this.toEnd()
    } else {
      this.#jump(this.window.from + before.height - this.#size.height)
    }
  }

  /** At another width every row has another height. */
  #remeasure(position: Bookmark['position']): void {
    const virtualizer = this.#virtualizer
    this.#estimates.forget()
    virtualizer.measure()
    const end = virtualizer.getTotalSize() - this.#size.height
    const start = position === 'end' ? undefined : this.#startOf(position.key)
    virtualizer.scrollOffset = position === 'end' ? end : (start ?? end) - position.offset
    for (const row of virtualizer.elementsCache.values()) if (row.isConnected) this.row(row)
    this.#next = position
    this.#draw()
  }

  #bookmark(): Bookmark {
    const { from } = this.window
    const row = this.#rows.slice(this.#top()?.index).find((one) => this.#options.isLasting(one))
    const start = row && this.#startOf(row.key)
    return {
      position: this.#isAtEnd || !row || start === undefined ? 'end' : { key: row.key, offset: start - from },
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

  readonly #scrolled = (): void => {
    const anchor = this.#startOf(this.#anchorKey) ?? 0
    const { from } = this.window
    if (from > anchor || from < anchor - this.#options.space.before) this.#anchorKey = ''
    this.#options.onmove()
  }

  readonly #look = (): void => {
    if (!this.#scroller) return
    const { scrollHeight, clientHeight, scrollTop } = this.#scroller
    this.#isAtEnd = scrollHeight - clientHeight - scrollTop <= endPx
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
