/** Pages of a room's timeline, in either direction, as one reader may see them. */

import { eventsAfter, eventsBefore, gapBefore } from '../../storage/events.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import type { Place, StoredEvent } from '../../storage/stored-event.ts'
import type { Reader } from '../events/client-event.ts'
import { adopt } from '../events/render.ts'
import type { EventFilter } from '../filters/event-filter.ts'
import type { Homeserver } from '../homeserver.ts'
import { type Seen, type Standpoint, visibleEvents } from '../rooms/visibility.ts'
import { after } from '../sync/tokens.ts'

export interface PageRequest {
  from: Standpoint
  dir: 'b' | 'f'
  /** The boundary to read from; without one, the end of the timeline, or its beginning. */
  start: Place
  /** The boundary to read to. */
  end: Place | undefined
  limit: number
  filter: EventFilter
  /** Ids of users whose events are left out. */
  ignored: ReadonlySet<string>
}

export interface Page {
  /** In the direction read. */
  seen: Seen[]
  /** The boundary to read on from; undefined at the end of what there is. */
  next: Place | undefined
}

/** How often events are read in search of enough visible ones; the client may ask on. */
const mostReads = 10
const largestRead = 200
/** How many gaps are filled for one read, before what is here is shown as it is. */
const mostFills = 3

export async function timelinePage(server: Homeserver, reader: Reader, request: PageRequest): Promise<Page> {
  const { limit, dir } = request
  const seen: Seen[] = []
  let at = request.start
  for (let reads = 0; reads < mostReads; reads++) {
    const size = Math.min(Math.max(limit - seen.length, 10) * 2 ** reads, largestRead)
    const { events, isLast, stop } = await readEvents(server, request, { at, size })
    for (const each of await visibleEvents(server, reader, { events, from: request.from })) {
      if (!passes(request, each.event)) continue
      seen.push(each)
      if (seen.length === limit) return { seen, next: beyond(each.event.place as Place, dir) }
    }
    if (stop) return { seen, next: stop }
    if (isLast) return { seen, next: undefined }
    at = beyond(events.at(-1)?.place ?? at, dir)
  }
  return { seen, next: at }
}

/** The boundary on the far side of an event. */
const beyond = (place: Place, dir: 'b' | 'f') => (dir === 'b' ? place : after(place))

function passes({ filter, ignored }: PageRequest, event: StoredEvent): boolean {
  if (ignored.has(event.pdu.sender) && event.pdu.state_key === undefined) return false
  return filter.passes(event)
}

interface Read {
  events: StoredEvent[]
  /** Whether there are no more. */
  isLast: boolean
  /** The boundary at which reading stops for now: what is missing before it may be had later. */
  stop?: Place
}

async function readEvents(
  server: Homeserver,
  { from, dir, end }: PageRequest,
  { at, size }: { at: Place; size: number },
): Promise<Read> {
  const { database } = server
  const { room } = from
  if (dir === 'f') {
    // Boundaries are before a place, the storage reads after one.
    const events = await eventsAfter(database, { room, from: before(at), to: end, limit: size })
    return { events: adopt(server, events), isLast: events.length < size }
  }
  const read = () => eventsBefore(database, { room, from: at, to: end && before(end), limit: size })
  let events = await read()
  for (let fills = 0; fills < mostFills; fills++) {
    const gap = await gapWithin(server, room, { events, at, isShort: events.length < size })
    if (!gap) break
    const outcome = await server.backfill?.(room, gap)
    if (outcome === 'later') {
      const newer = events.filter(({ place }) => place && !isBefore(place, gap.place))
      // A reader who stands at the gap is shown what lies beyond, if there is anything: he may not come back.
      if (newer.length > 0 || events.length === 0)
        return { events: adopt(server, newer), isLast: false, stop: gap.place }
    }
    if (outcome !== 'filled') break
    events = await read()
  }
  return { events: adopt(server, events), isLast: events.length < size }
}

const before = ({ position, slot }: Place): Place => ({ position, slot: slot - 1 })

const isBefore = (one: Place, other: Place) =>
  one.position < other.position || (one.position === other.position && one.slot < other.slot)

/** The newest gap that a page read backwards comes to. */
async function gapWithin(
  { database }: Homeserver,
  room: RoomNumber,
  { events, at, isShort }: { events: readonly StoredEvent[]; at: Place; isShort: boolean },
) {
  const gap = await gapBefore(database, room, at)
  const oldest = events.at(-1)?.place
  if (!gap || isShort || !oldest) return gap
  const { position, slot } = gap.place
  return position > oldest.position || (position === oldest.position && slot >= oldest.slot) ? gap : undefined
}
