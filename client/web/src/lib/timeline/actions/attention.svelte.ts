/** The message that was tapped: one at a time shows its actions. */
let tapped = $state.raw<Attention>()

document.addEventListener('pointerdown', ({ target }) => {
  if (target instanceof Element && !target.closest('article')) tapped = undefined
})

/** Whether somebody is at a message: by mouse, keyboard or touch. */
export class Attention {
  #isHovered = $state(false)
  #isFocused = $state(false)
  readonly #keys: Readonly<Record<string, () => void>>

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

  /** Attach within the message's `article`. */
  readonly watch = (host: HTMLElement): (() => void) => {
    const article = host.closest('article')
    const done = new AbortController()
    const on = <Type extends keyof HTMLElementEventMap>(
      type: Type,
      listener: (event: HTMLElementEventMap[Type]) => void,
    ) => article?.addEventListener(type, listener, { signal: done.signal })
    on('pointerenter', ({ pointerType }) => {
      this.#isHovered = pointerType === 'mouse'
    })
    on('pointerleave', () => {
      this.#isHovered = false
    })
    // A click leaves the focus behind, too, but then the mouse is what counts.
    on('focusin', ({ target }) => {
      this.#isFocused = target instanceof Element && target.matches(':focus-visible')
    })
    on('focusout', ({ relatedTarget }) => {
      this.#isFocused &&= relatedTarget instanceof Node && article?.contains(relatedTarget) === true
    })
    on('click', (event) => {
      if ('pointerType' in event && event.pointerType === 'touch' && !isControl(event.target)) this.toggle()
    })
    on('keydown', (event) => {
      const act = isPlain(event) && event.target === article ? this.#keys[event.key.toLowerCase()] : undefined
      if (act) event.preventDefault()
      act?.()
    })
    return () => {
      done.abort()
      this.end()
    }
  }
}

function isControl(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('a, button, input, summary, [role]:not(article)') !== null
  )
}

function isPlain({ ctrlKey, metaKey, altKey, isComposing }: KeyboardEvent): boolean {
  return !(ctrlKey || metaKey || altKey || isComposing)
}
