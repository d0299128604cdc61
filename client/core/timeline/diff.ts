import type { TimelineItem } from '../views.ts'

export interface ListDiff {
  splice?: { start: number; remove: number; insert: TimelineItem[] }
  changed: TimelineItem[]
}

/** The one stretch that differs by keys, and the items outside it that are other objects now. */
export function diffItems(before: readonly TimelineItem[], after: readonly TimelineItem[]): ListDiff {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start]?.key === after[start]?.key) start++
  let tail = 0
  while (tail < shorter - start && before.at(-1 - tail)?.key === after.at(-1 - tail)?.key) tail++
  const changed: TimelineItem[] = []
  const compare = (old: TimelineItem | undefined, item: TimelineItem | undefined) => {
    if (item && item !== old) changed.push(item)
  }
  for (let index = 0; index < start; index++) compare(before[index], after[index])
  for (let back = tail; back > 0; back--) compare(before.at(-back), after.at(-back))
  const remove = before.length - start - tail
  const insert = after.slice(start, after.length - tail)
  return { changed, ...((remove > 0 || insert.length > 0) && { splice: { start, remove, insert } }) }
}
