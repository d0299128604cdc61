import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type Range,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core'
import { flushSync, untrack } from 'svelte'
import { RowPlaces } from './row-places.ts'
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
  readonly #places: RowPlaces<Row>
  #laidOut: { rows: readonly Row[]; keptIndex: number | undefined } | undefined
  #scroller: HTMLElement | undefined
  #size = { width: 0, height: 0 }
  #isRendering = false
  #hasNewRows = false
  readonly #estimates: RowEstimates<Row>
  /** A row that stays where it is when others come before it, and while they are measured. */
  #anchor: Position | undefined
  /** Where to go once the rows are in the page. */
  #next: Position | 'end' | undefined
  readonly #view = $derived.by(() => this.#layOut())

  constructor(options: VirtualListOptions<Row>) {
    this.#options = options
    this.#estimates = new RowEstimates(options.estimate)
    this.#places = new RowPlaces(() => this.#virtualizer, options.isLasting)
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
  keep(key: string | undefined): void {
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
    const virtualizer = this.#virtualizer
    this.#rendering(() => {
      virtualizer.measureElement(element)
      // While one scrolls, it leaves that to the next frame, which would show rows where they are not.
      const index = virtualizer.indexFromElement(element)
      const key = this.#places.rows[index]?.key
      if (key !== undefined && !virtualizer.itemSizeCache.has(key)) {
        virtualizer.resizeItem(index, measureRow(element, undefined, virtualizer))
      }
    })
  }

  toEnd(): void {
    this.#virtualizer.scrollToEnd()
  }

  /** @returns whether there is such a row */
  toKey(key: string, align: 'center' | 'auto' = 'center'): boolean {
    const index = this.#places.indexOf(key)
    if (index !== undefined) this.#virtualizer.scrollToIndex(index, { align })
    return index !== undefined
  }

  /** The last row in the page that ends above a place in the list. */
  lastRowAbove(px: number): Row | undefined {
    return this.#places.lastAbove(px)
  }

  #settings(keptIndex: number | undefined) {
    const { rows } = this.#places
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

  #layOut() {
    void this.#version
    const rows = this.#options.rows()
    const keptIndex = this.#keptIndexAmong(rows)
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

  #keptIndexAmong(rows: readonly Row[]): number | undefined {
    const keptKey = this.#keptKey
    if (rows !== this.#places.rows) this.#replace(rows)
    return this.#places.indexOf(keptKey)
  }

  /**
   * The virtualizer keeps what is at the top where it is, and follows the end when the last row is another one. But
   * rows may also come between those that are seen: above the lowest, or above what waits to be sent.
   */
  #replace(rows: readonly Row[]): void {
    const follows = this.#isAtEnd && rows.length > this.#places.rows.length
    this.#anchor = this.#places.replace(rows)
    this.#hasNewRows = true
    if (follows) this.#next ??= 'end'
  }

  /** Whether a change of this row's size would move what one reads. */
  #isAbove({ key, start, size }: VirtualItem): boolean {
    const { from } = this.window
    if (this.#virtualizer.itemSizeCache.has(key)) return start + size <= from
    return start < Math.max(from, this.#places.startOf(this.#anchor?.key) ?? 0)
  }

  /** The rows are in the page. */
  #settle(): void {
    if (!this.#scroller) return
    this.#rendering(() => this.#virtualizer._willUpdate())
    const next = this.#next ?? (this.#hasNewRows && this.#hasMoved ? this.#anchor : undefined)
    if (next && this.#places.rows.length > 0) {
      this.#next = undefined
      this.#goTo(next)
    }
    if (!this.#hasNewRows) return
    this.#hasNewRows = false
    this.#look()
    this.#options.onmove()
  }

  /** Whether what should stay is elsewhere now. */
  get #hasMoved(): boolean {
    const start = this.#places.startOf(this.#anchor?.key)
    return (
      this.#anchor !== undefined &&
      start !== undefined &&
      Math.abs(start - this.window.from - this.#anchor.offset) > 1
    )
  }

  #goTo(place: Position | 'end'): void {
    const start = place === 'end' ? undefined : this.#places.startOf(place.key)
    if (place === 'end' || start === undefined) this.toEnd()
    else this.#jump(start - place.offset)
  }

  /** Sizes that are measured next count from here at once, which they don't after a scroll of the virtualizer's own. */
  #jump(px: number): void {
    if (!this.#scroller) return
    this.#scroller.scrollTop = px
    this.#virtualizer.scrollOffset = this.#scroller.scrollTop
    this.#draw()
  }

  /** Keeps what is at the bottom there, as when the field to write in grows. */
  #resize(element: HTMLElement): void {
    const before = this.#size
    this.#size = { width: element.clientWidth, height: element.clientHeight }
    this.#anchor = undefined
    if (before.width !== this.#size.width) this.#remeasure()
    else if (before.height === this.#size.height) return
    else if (this.#isAtEnd) this.toEnd()
    else this.#jump(this.window.from + before.height - this.#size.height)
  }

  /** At another width every row has another height. */
  #remeasure(): void {
    const virtualizer = this.#virtualizer
    const position = this.#isAtEnd ? undefined : this.#places.position
    this.#estimates.forget()
    virtualizer.measure()
    const end = virtualizer.getTotalSize() - this.#size.height
    virtualizer.scrollOffset = position ? (this.#places.startOf(position.key) ?? end) - position.offset : end
    for (const row of virtualizer.elementsCache.values()) if (row.isConnected) this.row(row)
    this.#next = position ?? 'end'
    this.#draw()
  }

  #bookmark(): Bookmark {
    return {
      position: (this.#isAtEnd ? undefined : this.#places.position) ?? 'end',
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
    // Our own corrections keep it where it is; people don't.
    if (this.#hasMoved) this.#anchor = undefined
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
