/**
 * The newest part of a room's timeline that its reader may see.
 *
 * It never spans a gap: whatever is missing before its first event is `limited`, and its `prevBatch` pages on
 * from there without a hole or a duplicate (checklist V4).
 */
import type { NodeId } from '@kith/spec/rooms/state-trie'
import type { Position } from '../../log/log.ts'
import { eventsBefore, gapBefore } from '../../storage/events.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import type { Place, StoredEvent } from '../../storage/stored-event.ts'
import { adopt } from '../events/render.ts'
import { type Seen, type Standpoint, visibleEvents } from '../rooms/visibility.ts'
import { withoutOverruled } from './state-delta.ts'
import type { SyncContext } from './sync-context.ts'
import { after, afterPosition } from './tokens.ts'

export interface TimelineRange {
  room: RoomNumber
  from: Standpoint
  /** Exclusive; undefined for all that came before `until`. */
  after: Position | undefined
  /** Inclusive. */
  until: Position
  /** All events of the range in order, where they are in memory. */
  known?: readonly StoredEvent[]
  /** Whether the range may have gaps. */
  mayHaveGaps: boolean
}

export interface Timeline {
  /** In order. */
  seen: Seen[]
  limited: boolean
  /** The boundary before the first event. */
  prevBatch: Place
}

const defaultLimit = 20
const largestLimit = 500
/** How often a page is read in search of enough visible events, before the rest is left to pagination. */
const mostPages = 8
const largestPage = 200

export async function timelineOf(context: SyncContext, range: TimelineRange): Promise<Timeline> {
  const limit = Math.min(context.request.filter.timeline.limit ?? defaultLimit, largestLimit)
  const floor = await floorOf(context, range)
  const kept: Seen[] = []
  const done = (limited: boolean): Timeline => ({
    seen: kept.reverse(),
    limited,
    prevBatch: kept[0]?.event.place ?? afterPosition(range.until),
  })
  let from = afterPosition(range.until)
  for (let pages = 0; pages < mostPages; pages++) {
    const size = Math.min((limit + 1) * 2 ** pages, largestPage)
    const page = await pageBefore(context, range, { from, to: floor.to, size })
    for (const each of await visibleEvents(context.server, context.reader, {
      events: page,
      from: range.from,
    })) {
      if (!passes(context, each.event)) continue
      if (kept.length === limit) return done(true)
      kept.push(each)
    }
    if (range.known || page.length < size) return done(floor.isGap)
    from = page.at(-1)?.place as Place
  }
  return done(true)
}

function passes({ request, ignored }: SyncContext, event: StoredEvent): boolean {
  if (ignored.has(event.pdu.sender) && event.pdu.state_key === undefined) return false
  return request.filter.timeline.passes(event)
}

interface Page {
  from: Place
  to: Place | undefined
  size: number
}

/** Newest first. */
async function pageBefore(
  { server }: SyncContext,
  { room, known }: TimelineRange,
  { from, to, size }: Page,
): Promise<StoredEvent[]> {
  if (!known) return adopt(server, await eventsBefore(server.database, { room, from, to, limit: size }))
  return known.filter(({ place }) => place && (!to || isAfter(place, to))).toReversed()
}

const isAfter = (a: Place, b: Place) =>
  a.position > b.position || (a.position === b.position && a.slot > b.slot)

/** Where reading back ends, exclusive: at the range's start, or just before the event behind which there is a gap. */
async function floorOf(
  { server }: SyncContext,
  { room, after: since, until, mayHaveGaps }: TimelineRange,
): Promise<{ to: Place | undefined; isGap: boolean }> {
  const start = since === undefined ? undefined : { position: since, slot: 0 }
  const gap = mayHaveGaps ? await gapBefore(server.database, room, afterPosition(until)) : undefined
  if (!gap || (start && !isAfter(gap.place, start))) return { to: start, isGap: false }
  return { to: { ...gap.place, slot: gap.place.slot - 1 }, isGap: true }
}

/** The timeline for a client that takes state from it: see `withoutOverruled`. @param end the state at its end */
export async function settledTimeline(
  { server }: SyncContext,
  timeline: Timeline,
  end: NodeId,
): Promise<Timeline> {
  const { seen, overruled } = await withoutOverruled(server, timeline.seen, end)
  if (!overruled) return timeline
  return { seen: [...seen], limited: true, prevBatch: after(overruled.event.place as Place) }
}
