/** How people give input just now. */

let isKeyLast = false
let isFocusByKey = false

const options = { capture: true, passive: true }
document.addEventListener('keydown', () => (isKeyLast = true), options)
document.addEventListener('pointerdown', () => (isKeyLast = false), options)
document.addEventListener('focusin', () => (isFocusByKey = isKeyLast), options)

/**
 * Whether what has the focus got it by a key; `:focus-visible` also holds after many a click. Right within listeners of
 * `focusin`, too.
 */
export function isFocusedByKey(): boolean {
  return isFocusByKey
}

const touch = matchMedia('(pointer: coarse)')

/** Whether one writes on a keyboard on the screen. */
export function isTouch(): boolean {
  return touch.matches
}
