/** Events that relate to an event, page by page. Source: client-server-api, "Querying child events". */
import { relatedEvents, relatedIds } from '../../storage/relations.ts'
import type { Place, StoredEvent } from '../../storage/stored-event.ts'
import type { Reader, Rendered } from '../events/client-event.ts'
import { render } from '../events/render.ts'
import type { Homeserver } from '../homeserver.ts'
import { requireReadable, requireVisible, type Seen, visibleEvents } from '../rooms/visibility.ts'
import { after, placeToken, readBoundary } from '../sync/tokens.ts'

export interface RelationsRequest {
  roomId: string
  eventId: string
  relType?: string
  eventType?: string
  dir: 'b' | 'f'
  from?: string
  to?: string
  limit?: number
  /** Whether what relates to what relates counts too. */
  recurse: boolean
}

export interface Relations {
  chunk: Rendered[]
  next: string | undefined
  prev: string | undefined
  depth: number | undefined
}

const defaultLimit = 5
const largestLimit = 100
/** Cycles end here too (checklist V7). */
const deepest = 3
/** At most this many events are looked for relations of their own. */
const mostParents = 500

/** @throws MatrixError M_FORBIDDEN, M_NOT_FOUND, M_INVALID_PARAM */
export async function relations(
  server: Homeserver,
  reader: Reader,
  request: RelationsRequest,
): Promise<Relations> {
  const { roomId, eventId, dir, relType, eventType } = request
  const { tail } = server.log
  const start = request.from === undefined ? undefined : await readBoundary(tail, request.from)
  const to = request.to === undefined ? undefined : await readBoundary(tail, request.to)
  const from = await requireReadable(server, reader, roomId)
  await requireVisible(server, reader, { eventId, from })
  const { parents, depth } = request.recurse
    ? await descendants(server, from.room, eventId)
    : { parents: [eventId], depth: 0 }
  const limit = Math.min(Math.max(request.limit ?? defaultLimit, 1), largestLimit)
  const numbers = await relatedEvents(server.database, {
    room: from.room,
    parents,
    relType,
    eventType,
    dir,
    from: start,
    to,
    limit: limit + 1,
  })
  const found = await server.events.byNumber(numbers)
  const events = numbers.slice(0, limit).flatMap((number) => found.get(number) ?? [])
  const ignored = await server.views.accountData.ignoredBy(reader.user)
  const seen = (await visibleEvents(server, reader, { events, from })).filter(
    ({ event }) => !ignored.has(event.pdu.sender),
  )
  return {
    chunk: await render(server, reader, { seen: distinct(seen), from }),
    next: numbers.length > limit ? boundaryBeyond(events.at(-1), dir) : undefined,
    prev: request.from,
    depth: request.recurse ? depth : undefined,
  }
}

function boundaryBeyond(event: StoredEvent | undefined, dir: 'b' | 'f'): string | undefined {
  const place: Place | undefined = event?.place
  return place && placeToken(dir === 'b' ? place : after(place))
}

/** An event relates to one event, but a cycle may bring it up twice. */
function distinct(seen: readonly Seen[]): Seen[] {
  return [...new Map(seen.map((each) => [each.event.number, each])).values()]
}

/** An event and those that relate to it, level by level, each once. */
async function descendants(
  { database }: Homeserver,
  room: number,
  eventId: string,
): Promise<{ parents: string[]; depth: number }> {
  const parents = new Set([eventId])
  let level = [eventId]
  let depth = 1
  for (; depth < deepest && parents.size < mostParents; depth++) {
    const children = await relatedIds(database, { room, parents: level, limit: mostParents })
    level = children.filter((id) => !parents.has(id))
    if (level.length === 0) break
    for (const id of level) parents.add(id)
  }
  return { parents: [...parents], depth }
}
