import { flushSync } from 'svelte'
import type { Row } from './rows.ts'
import type { VirtualList } from './virtual-list.svelte.ts'

interface Options {
  rows(): readonly Row[]
  list: VirtualList<Row>
  /** Where Escape leads. */
  onescape(): void
}

/** One message takes the focus from the Tab key, and the arrow keys lead from it to the others. */
export class RovingFocus {
  readonly #options: Options
  #key = $state<string>()
  #log: HTMLElement | undefined
  /** The message that takes the focus. */
  readonly activeKey = $derived.by(() => this.#findActive())

  constructor(options: Options) {
    this.#options = options
  }

  /** Attach to what the messages are in. Each is an `article` with its key in `data-key`. */
  readonly log = (log: HTMLElement): (() => void) => {
    const done = new AbortController()
    const { signal } = done
    log.addEventListener('keydown', (event) => this.#press(log, event), { signal })
    log.addEventListener('focusin', ({ target }) => this.#entered(articleOf(target)), { signal })
    log.addEventListener(
      'focusout',
      ({ relatedTarget }) => {
        if (relatedTarget instanceof Node && log.contains(relatedTarget)) return
        // What has the focus may be on its way out of the page, while Svelte allows no change.
        queueMicrotask(() => {
          if (!log.contains(document.activeElement)) this.#options.list.keep(undefined)
        })
      },
      { signal },
    )
    this.#log = log
    return () => done.abort()
  }

  /** Attach to a message's `article`. */
  tabStop(key: string) {
    return (article: HTMLElement): void => {
      article.tabIndex = key === this.activeKey ? 0 : -1
    }
  }

  focus(key: string): void {
    this.#key = key
    this.#options.list.keep(key)
    flushSync()
    this.#log?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true })
  }

  #findActive(): string | undefined {
    const rows = this.#options.rows()
    const isThere =
      this.#key !== undefined && rows.some(({ key, kind }) => kind === 'message' && key === this.#key)
    return isThere ? this.#key : rows.findLast(({ kind }) => kind === 'message')?.key
  }

  #entered(article: HTMLElement | undefined): void {
    const key = article?.dataset.key
    if (key === undefined) return
    this.#key = key
    this.#options.list.keep(key)
  }

  #press(log: HTMLElement, event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    const article = articleOf(event.target)
    if (event.key === 'Escape') {
      event.preventDefault()
      this.#options.onescape()
    } else if (article && event.target === article && this.#act(event.key, article, log)) {
      event.preventDefault()
    }
  }

  /** @returns whether the key means something */
  #act(key: string, article: HTMLElement, log: HTMLElement): boolean {
    const page = Math.max(1, Math.floor((log.parentElement?.clientHeight ?? 0) / article.offsetHeight) - 1)
    switch (key) {
      case 'ArrowUp':
        return this.#go(-1)
      case 'ArrowDown':
        return this.#go(1)
      case 'PageUp':
        return this.#go(-page)
      case 'PageDown':
        return this.#go(page)
      case 'Home':
        return this.#go(-Number.MAX_SAFE_INTEGER)
      case 'End':
        return this.#go(Number.MAX_SAFE_INTEGER)
      case 'Enter':
        article.querySelector<HTMLElement>('[role="toolbar"] button')?.focus()
        return true
      default:
        return false
    }
  }

  #go(steps: number): boolean {
    const { list } = this.#options
    const keys = this.#options.rows().flatMap(({ kind, key }) => (kind === 'message' ? [key] : []))
    const index = Math.min(Math.max(keys.indexOf(this.activeKey ?? '') + steps, 0), keys.length - 1)
    const key = keys[index]
    if (key === undefined) return false
    this.focus(key)
    if (index === keys.length - 1) list.toEnd()
    else list.toKey(key, 'auto')
    return true
  }
}

function articleOf(target: EventTarget | null): HTMLElement | undefined {
  return (target instanceof Element && target.closest<HTMLElement>('article')) || undefined
}
