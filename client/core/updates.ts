/** How a page keeps what it watches. */

import type { ListUpdate, TimelineItem, TimelineUpdate } from './views.ts'

/** @returns a new array; items that did not change are the same objects */
export function applyTimelineUpdate(items: readonly TimelineItem[], update: TimelineUpdate): TimelineItem[] {
  if (update.kind === 'reset') return update.items
  const { splice, changed } = update
  const changes = new Map(changed.map((item) => [item.key, item]))
  const result = splice ? items.toSpliced(splice.start, splice.remove, ...splice.insert) : [...items]
  return changes.size === 0 ? result : result.map((item) => changes.get(item.key) ?? item)
}

/** Changes the map it is given. */
export function applyListUpdate<T>(
  map: Map<string, T>,
  update: ListUpdate<T>,
  keyOf: (entry: T) => string,
): void {
  if (update.kind === 'reset') map.clear()
  for (const entry of update.kind === 'reset' ? update.entries : update.set) map.set(keyOf(entry), entry)
  if (update.kind === 'change') for (const key of update.removed) map.delete(key)
}
