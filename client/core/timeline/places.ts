/**
 * Where events stand in a room's stored timeline.
 *
 * A place is a number that orders the events of a room. Live events count up by one. Where events are missing there is
 * a gap, and a step of `gapWidth`: what is paged in counts down from the gap's upper end, until it meets the events
 * below. So nothing that is stored ever moves.
 */

import type { ClientEvent } from '@kith/spec/api/schemas'
import type { Gap, StoredEvent } from '../store/records.ts'

const gapWidth = 2 ** 20

export interface Places {
  next: number
  gaps: Gap[]
}

interface LiveChunk {
  /** Oldest first, without those already stored. */
  events: readonly ClientEvent[]
  /** Whether events are missing between what is stored and these. */
  isLimited: boolean
  /** Pages back from the first of them. */
  prevBatch?: string
}

/** @param before undefined for a room of which nothing is stored */
export function placeLive(before: Places | undefined, { events, isLimited, prevBatch }: LiveChunk) {
  const hasGap = (before === undefined || isLimited) && prevBatch !== undefined
  const first = before === undefined ? 0 : hasGap ? before.next + gapWidth : before.next
  const gaps = before?.gaps ?? []
  return {
    places: events.map((_, index) => first + index),
    next: first + events.length,
    gaps: hasGap ? [...gaps, { before: first, token: prevBatch }] : gaps,
  }
}

export interface Page {
  gap: Gap
  /** Newest first, as paged back from the gap. */
  events: readonly ClientEvent[]
  /** Pages on; undefined at the beginning of the room. */
  end?: string
  /** By event ID: those of the page that are stored. */
  known: ReadonlyMap<string, number>
  /** Places of the stored events below the gap, highest first: one more than the page has events, or all. */
  below: readonly number[]
}

/** So many stored events in a row show that a page has arrived below the gap. */
const enoughInARow = 5

/**
 * Puts a page into its gap. The gap closes when the page ends in events that are stored below it, or is the last one.
 * One such event is not enough: with servers whose order of pages differs from their order of arrival it may stand
 * among those that are missing.
 */
export function placePage(gaps: readonly Gap[], page: Page): { gaps: Gap[]; places: Map<string, number> } {
  const places = new Map<string, number>()
  let cursor = page.gap.before
  let inARow = 0
  for (const { event_id: eventId } of page.events) {
    const place = page.known.get(eventId)
    if (place === undefined && !places.has(eventId)) {
      cursor = placeUnder(cursor, page.below)
      places.set(eventId, cursor)
    } else if (place !== undefined && place < cursor) cursor = place
    inARow = place !== undefined && place < page.gap.before ? inARow + 1 : 0
  }
  const isMet = inARow > 0 && inARow >= Math.min(enoughInARow, page.below.length)
  const isPassed = ({ before }: Gap) => before > cursor && before <= page.gap.before
  const others = gaps.filter((gap) => gap.before !== page.gap.before && !isPassed(gap))
  if (isMet || page.end === undefined) return { gaps: others, places }
  const open = { before: cursor, token: page.end }
  const rest = others.filter(({ before }) => before !== cursor)
  return { gaps: [...rest, open].sort((a, b) => a.before - b.before), places }
}

/** A free place below the cursor and above all that is stored below it. */
function placeUnder(cursor: number, below: readonly number[]): number {
  const neighbour = below.find((place) => place < cursor)
  if (neighbour === undefined || neighbour < cursor - 1) return cursor - 1
  return (cursor + neighbour) / 2
}

/** The gap at the lower end of the stored stretch that ends at `place`, or contains it. */
export function gapBelow(gaps: readonly Gap[], place: number): Gap | undefined {
  return gaps.findLast(({ before }) => before <= place)
}

export function storedEvents(
  roomId: string,
  events: readonly ClientEvent[],
  places: readonly number[],
): StoredEvent[] {
  return events.map((event, index) => ({ roomId, eventId: event.event_id, place: places[index] ?? 0, event }))
}
