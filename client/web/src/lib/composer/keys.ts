import type { TimelineItem } from '../../../../core/views.ts'
import { isTouch } from '../ui/input-mode.ts'
import type { Composing } from './composing.svelte.ts'
import type { Mentioning } from './mentioning.svelte.ts'

interface Context {
  composing: Composing
  mentioning: Mentioning
  items: readonly TimelineItem[]
}

/** What keys do in the field. The browser does the rest. */
export function handleKey(event: KeyboardEvent, context: Context): void {
  // 229: Safari ends the composition before the Enter that ended it.
  if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return
  const { mentioning } = context
  const hasDone = mentioning.isOpen ? chooseByKey(event, mentioning) : writeByKey(event, context)
  if (!hasDone) return
  event.preventDefault()
  event.stopPropagation()
}

function chooseByKey({ key, shiftKey }: KeyboardEvent, mentioning: Mentioning): boolean {
  if (shiftKey) return false
  if (key === 'ArrowDown') mentioning.move(1)
  else if (key === 'ArrowUp') mentioning.move(-1)
  else if (key === 'Enter' || key === 'Tab') mentioning.choose()
  else if (key === 'Escape') mentioning.dismiss()
  else return false
  return true
}

function writeByKey({ key, shiftKey }: KeyboardEvent, { composing, items }: Context): boolean {
  if (key === 'Enter' && !shiftKey && !isTouch()) {
    void composing.send()
    return true
  }
  if (key === 'Escape' && composing.mode.kind !== 'new') {
    composing.cancel()
    return true
  }
  const isFresh = composing.text === '' && composing.mode.kind === 'new'
  return key === 'ArrowUp' && isFresh && composing.editLast(items)
}
