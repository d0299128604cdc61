import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core'
import { tick, untrack } from 'svelte'
import { appearance } from '../appearance.svelte.ts'

export interface Rows<Row> {
  rows: readonly Row[]
  keyOf: (row: Row) => string
  /** In rem: it follows the size of the text. */
  heightOf: (row: Row) => number
  /** Whether the arrow keys stop at it. All of them unless told. */
  isStop?: (row: Row) => boolean
  /** Up, from the first row. */
  onleave?: () => void
}

export interface ShownRow<Row> {
  row: Row
  key: string
  index: number
  /** In pixels, as `height`. */
  top: number
  height: number
  /** One row of the list is reached by Tab; from there the arrow keys go on. */
  tabindex: 0 | -1
}

/** A long list of which only the rows that can be seen are rendered, and the one that has the focus. */
export class VirtualRows<Row> {
  readonly #given: () => Rows<Row>
  #items = $state.raw<VirtualItem[]>([])
  #margin = $state(0)
  #focused = $state<string>()
  #list: HTMLElement | undefined
  #virtualizer: Virtualizer<HTMLElement, HTMLElement> | undefined

  height = $state(0)
  readonly #stop = $derived.by(() => {
    const { rows, keyOf, isStop = () => true } = this.#given()
    const kept = this.#focused === undefined ? -1 : rows.findIndex((row) => keyOf(row) === this.#focused)
    return kept >= 0 ? kept : rows.findIndex(isStop)
  })
  readonly shown: ShownRow<Row>[] = $derived.by(() => {
    const { rows, keyOf } = this.#given()
    return this.#items.flatMap(({ index, start, size }) => {
      const row = rows[index]
      if (row === undefined) return []
      const tabindex = index === this.#stop ? 0 : -1
      return [{ row, key: keyOf(row), index, top: start - this.#margin, height: size, tabindex }]
    })
  })

  constructor(given: () => Rows<Row>) {
    this.#given = given
  }

  /** For the list's element. What scrolls it has `data-scroll`, and one child that holds all that it scrolls. */
  attach = (list: HTMLElement) => {
    const scroller = list.closest<HTMLElement>('[data-scroll]') ?? list
    const virtualizer = new Virtualizer<HTMLElement, HTMLElement>(untrack(() => this.#options(scroller)))
    this.#list = list
    this.#virtualizer = virtualizer
    const unmount = virtualizer._didMount()
    const observer = new ResizeObserver(() => {
      this.#margin = Math.round(
        list.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop,
      )
    })
    observer.observe(scroller.firstElementChild ?? list)
    let size = untrack(() => appearance.textSize)
    $effect(() => {
      virtualizer.setOptions(this.#options(scroller))
      // It keeps what it has computed until it is told.
      const isResized = size !== appearance.textSize
      size = appearance.textSize
      untrack(() => {
        if (isResized) virtualizer.measure()
        virtualizer._willUpdate()
        this.#update(virtualizer)
      })
    })
    return () => {
      observer.disconnect()
      unmount()
    }
  }

  readonly onfocusin = (event: FocusEvent) => {
    const index = indexOf(event.target)
    const { rows, keyOf } = this.#given()
    const row = index === undefined ? undefined : rows[index]
    if (row !== undefined) this.#focused = keyOf(row)
  }

  readonly onkeydown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return
    const next = this.#nextStop(event.key)
    const { onleave } = this.#given()
    if (next !== undefined) void this.focus(next)
    else if (event.key === 'ArrowUp' && onleave) onleave()
    else return
    event.preventDefault()
  }

  /** Scrolls as far as is needed to see a row. */
  reveal(index: number): void {
    if (index >= 0) this.#virtualizer?.scrollToIndex(index, { align: 'auto' })
  }

  #nextStop(key: string): number | undefined {
    const { rows, isStop = () => true } = this.#given()
    const all = rows.keys().filter((index) => {
      const row = rows[index]
      return row !== undefined && isStop(row)
    })
    const stops = [...all]
    if (key === 'Home') return stops[0]
    if (key === 'End') return stops.at(-1)
    if (key === 'ArrowDown') return stops.find((index) => index > this.#stop)
    if (key === 'ArrowUp') return stops.findLast((index) => index < this.#stop)
    return undefined
  }

  async focus(index: number): Promise<void> {
    const { rows, keyOf } = this.#given()
    const row = rows[index]
    if (row === undefined || !this.#virtualizer) return
    this.#focused = keyOf(row)
    // Rendered first, wherever it is: the focus then scrolls to it.
    await tick()
    this.#list?.querySelector<HTMLElement>(`[data-index="${index}"] :is(a, button)`)?.focus()
  }

  #options(scroller: HTMLElement) {
    const { rows, keyOf, heightOf } = this.#given()
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
    const stop = this.#stop
    return {
      count: rows.length,
      getScrollElement: () => scroller,
      estimateSize: (index: number) => sizeOf(rows[index], heightOf) * rem,
      getItemKey: (index: number) => keyOf(rows[index] as Row),
      scrollMargin: this.#margin,
      overscan: 8,
      rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) => {
        const seen = defaultRangeExtractor(range)
        return stop < 0 || seen.includes(stop) ? seen : [...seen, stop].sort((a, b) => a - b)
      },
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: (changed: Virtualizer<HTMLElement, HTMLElement>) => this.#update(changed),
    }
  }

  #update(virtualizer: Virtualizer<HTMLElement, HTMLElement>): void {
    this.#items = virtualizer.getVirtualItems()
    this.height = virtualizer.getTotalSize()
  }
}

function sizeOf<Row>(row: Row | undefined, heightOf: (row: Row) => number): number {
  return row === undefined ? 0 : heightOf(row)
}

function indexOf(target: EventTarget | null): number | undefined {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null
  return row ? Number(row.dataset.index) : undefined
}
