import { tick } from 'svelte'
import { isFocusedByKey } from '../../ui/input-mode.ts'

/** The message that was tapped: one at a time shows its actions. */
let tapped = $state.raw<Attention>()

document.addEventListener('pointerdown', ({ target }) => {
  if (target instanceof Element && !target.closest('article')) tapped = undefined
})

/** Those that only pass under the mouse while one scrolls are spared the work. */
const lingersMs = 50

/** Whether somebody is at a message: by mouse, keyboard or touch. */
export class Attention {
  #isHovered = $state(false)
  #isFocused = $state(false)
  readonly #keys: Readonly<Record<string, () => void>>
  #article: HTMLElement | null = null

  /** @param keys what a letter does while the message itself has the focus */
  constructor(keys: Readonly<Record<string, () => void>>) {
    this.#keys = keys
  }

  get isHere(): boolean {
    return this.#isHovered || this.#isFocused || tapped === this
  }

  toggle(): void {
    tapped = tapped === this ? undefined : this
  }

  end(): void {
    if (tapped === this) tapped = undefined
  }

  /** Keeps the keyboard's place if what had the focus is about to go. */
  async rescueFocus(): Promise<void> {
    if (!isFocusedByKey()) return
    await tick()
    if (document.activeElement === document.body) this.#article?.focus()
  }

  /** Attach within the message's `article`. */
  readonly watch = (host: HTMLElement): (() => void) => {
    const article = host.closest('article')
    this.#article = article
    const done = new AbortController()
    const on = <Type extends keyof HTMLElementEventMap>(
      type: Type,
      listener: (event: HTMLElementEventMap[Type]) => void,
    ) => article?.addEventListener(type, listener, { signal: done.signal })
    let timer: ReturnType<typeof setTimeout> | undefined
    const hover = (isHovered: boolean) => {
      clearTimeout(timer)
      this.#isHovered = isHovered
    }
    on('pointerenter', ({ pointerType }) => {
      if (pointerType === 'mouse') timer = setTimeout(hover, lingersMs, true)
    })
    on('pointerleave', () => hover(false))
    // A click leaves the focus behind, too, but then the mouse is what counts.
    on('focusin', () => {
      this.#isFocused = isFocusedByKey()
    })
    on('focusout', ({ relatedTarget }) => {
      if (relatedTarget instanceof Element && isWithin(relatedTarget, article)) return
      // What has the focus may be on its way out of the page, while Svelte allows no change.
      queueMicrotask(() => {
        this.#isFocused = false
      })
    })
    on('click', (event) => {
      if ('pointerType' in event && event.pointerType === 'touch' && !isControl(event.target)) this.toggle()
    })
    on('keydown', (event) => {
      if (event.target instanceof Node && host.contains(event.target)) walk(event, host, article)
      const isForIt = this.#isFocused && event.target === article && isPlain(event)
      const act = isForIt ? this.#keys[event.key.toLowerCase()] : undefined
      if (act) event.preventDefault()
      act?.()
    })
    return () => {
      hover(false)
      done.abort()
      this.end()
    }
  }
}

/** In the message, or in a layer that it has opened. */
function isWithin(element: Element, article: Element | null): boolean {
  return article?.contains(element) === true || element.closest('[role="dialog"], [role="menu"]') !== null
}

/** Among the actions by arrow keys, and back to the message. */
function walk(event: KeyboardEvent, host: HTMLElement, article: HTMLElement | null): void {
  if (!(event.target instanceof HTMLButtonElement) || event.target.closest('dialog')) return
  const buttons = [...host.querySelectorAll('button')]
  const step = steps[event.key] ?? 0
  const at = buttons.indexOf(event.target)
  if (event.key === 'Escape') article?.focus()
  else if (step !== 0 && isPlain(event)) buttons[(at + step + buttons.length) % buttons.length]?.focus()
  else return
  event.preventDefault()
  event.stopPropagation()
}

const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 }

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('a, button, input, summary, dialog') !== null
}

function isPlain({ ctrlKey, metaKey, altKey, isComposing }: KeyboardEvent): boolean {
  return !(ctrlKey || metaKey || altKey || isComposing)
}
