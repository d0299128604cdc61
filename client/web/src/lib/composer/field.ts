/** What a text field of the browser needs besides. */

import { isFocusedByKey } from '../ui/input-mode.ts'

const longAwayMs = 10_000

/** Whether nothing has the focus that somebody is just using. */
export function mayTakeFocus(): boolean {
  return !document.activeElement?.closest('input, textarea, dialog, [role="dialog"], [role="menu"]')
}

/** Puts text in place of so many characters before the caret, or of what is selected, such that it can be undone. */
export function insertInto(field: HTMLTextAreaElement, text: string, replaced: number): void {
  if (text === '') return
  field.focus()
  if (replaced > 0) field.setSelectionRange(field.selectionStart - replaced, field.selectionEnd)
  // No other way keeps what can be undone.
  if (document.execCommand('insertText', false, text)) return
  field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end')
  field.dispatchEvent(new InputEvent('input', { bubbles: true }))
}

/** @returns stops watching */
export function watchForLeaving(field: HTMLElement, onleft: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const leave = () => {
    timer = setTimeout(onleft, longAwayMs)
  }
  const comeBack = () => clearTimeout(timer)
  field.addEventListener('blur', leave)
  field.addEventListener('focus', comeBack)
  return () => {
    comeBack()
    field.removeEventListener('blur', leave)
    field.removeEventListener('focus', comeBack)
  }
}

/** Lets what is typed while nothing takes it go to the field. */
export function takeWhatIsTyped(focus: () => void): () => void {
  const listener = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || event.altKey || !isText(event)) return
    if (event.target instanceof Element && takesKeys(event.target)) return
    if (document.querySelector('dialog[open], [role="dialog"], [role="menu"]')) return
    focus()
  }
  addEventListener('keydown', listener)
  return () => removeEventListener('keydown', listener)
}

/** What was only clicked takes none. */
function takesKeys(target: Element): boolean {
  if (target.closest('input, textarea, select, [contenteditable]')) return true
  return target.closest('button, a, summary') !== null && isFocusedByKey()
}

/** A space scrolls the page, so it is none. */
function isText({ key, ctrlKey, metaKey }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey) return key.toLowerCase() === 'v'
  return key.length === 1 && key !== ' '
}
