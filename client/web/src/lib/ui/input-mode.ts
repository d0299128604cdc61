/** Whether people use the keyboard just now: finer than `:focus-visible`, which also holds after many a click. */

let isKeyLast = false
let isFocusByKey = false

const options = { capture: true, passive: true }
document.addEventListener('keydown', () => (isKeyLast = true), options)
document.addEventListener('pointerdown', () => (isKeyLast = false), options)
document.addEventListener('focusin', () => (isFocusByKey = isKeyLast), options)

/** Whether what has the focus got it by a key. Also right within listeners of `focusin`. */
export function isFocusedByKey(): boolean {
  return isFocusByKey
}
