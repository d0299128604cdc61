/** How many rows beyond the edge are there already when one scrolls. */
const beyond = 8
/** The window moves in steps, so that not every pixel of a scroll asks for new rows. */
const step = 4

/** Which rows of a long list are on the screen. All rows have the same height. */
export class RowWindow {
  #range = $state.raw({ start: 0, end: 4 * beyond })
  /** The row with the focus stays, however far one scrolls. */
  #focused = $state(-1)

  /** The places of the rows to render, in order. */
  places(count: number): number[] {
    const { start, end } = this.#range
    const first = Math.min(start, count)
    const places = Array.from({ length: Math.min(end, count) - first }, (_, index) => first + index)
    const kept = this.#focused
    if (kept < 0 || kept >= count || (kept >= start && kept < end)) return places
    return kept < start ? [kept, ...places] : [...places, kept]
  }

  keep(place: number): void {
    this.#focused = place
  }

  /**
   * Attach to what scrolls.
   *
   * @param list its height is that of all rows, rendered or not
   */
  follow(scroller: HTMLElement, list: HTMLElement): () => void {
    const look = () => this.#look(scroller, list)
    const sizes = new ResizeObserver(look)
    for (const element of [scroller, ...scroller.children]) sizes.observe(element)
    scroller.addEventListener('scroll', look, { passive: true })
    return () => {
      sizes.disconnect()
      scroller.removeEventListener('scroll', look)
    }
  }

  #look(scroller: HTMLElement, list: HTMLElement): void {
    const count = Number(list.dataset.count)
    const rowHeight = list.offsetHeight / count
    if (!(rowHeight > 0)) return
    const above = scroller.getBoundingClientRect().top - list.getBoundingClientRect().top
    const top = Math.floor(above / rowHeight / step) * step
    const start = Math.max(0, top - beyond)
    const end = Math.max(0, top + step + Math.ceil(scroller.clientHeight / rowHeight) + beyond)
    if (start !== this.#range.start || end !== this.#range.end) this.#range = { start, end }
  }
}
