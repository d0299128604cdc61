/** An event with what stands around it. Source: client-server-api, "Event context". */
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { splitStateKeyName } from '../../storage/interning.ts'
import type { Place, StoredEvent } from '../../storage/stored-event.ts'
import type { Reader, Rendered } from '../events/client-event.ts'
import { render, renderState } from '../events/render.ts'
import type { EventFilter } from '../filters/event-filter.ts'
import type { Homeserver } from '../homeserver.ts'
import { requireReadable, requireVisible, type Seen } from '../rooms/visibility.ts'
import { after, placeToken } from '../sync/tokens.ts'
import { membersAt } from './messages.ts'
import { timelinePage } from './page.ts'

export interface EventContext {
  event: Rendered
  /** Newest first. */
  before: Rendered[]
  after: Rendered[]
  state: Rendered[]
  start: string
  end: string
}

export interface ContextRequest {
  roomId: string
  eventId: string
  limit?: number
  filter: EventFilter
}

const defaultLimit = 10
const largestLimit = 100

/** @throws MatrixError M_FORBIDDEN for the room, M_NOT_FOUND for the event */
export async function eventContext(
  server: Homeserver,
  reader: Reader,
  { roomId, eventId, limit, filter }: ContextRequest,
): Promise<EventContext> {
  const from = await requireReadable(server, reader, roomId)
  const middle = await requireVisible(server, reader, { eventId, from })
  const place = middle.event.place as Place
  const half = Math.ceil(Math.min(limit ?? filter.limit ?? defaultLimit, largestLimit) / 2)
  const ignored = await server.views.accountData.ignoredBy(reader.user)
  const around = { from, end: undefined, limit: half, filter, ignored }
  const [earlier, later] =
    half === 0
      ? [
          { seen: [], next: place },
          { seen: [], next: after(place) },
        ]
      : await Promise.all([
          timelinePage(server, reader, { ...around, dir: 'b', start: place }),
          timelinePage(server, reader, { ...around, dir: 'f', start: after(place) }),
        ])
  const all = [middle, ...earlier.seen, ...later.seen]
  const rendered = await render(server, reader, { seen: all, from })
  const last = later.seen.at(-1) ?? middle
  return {
    event: rendered[0] as Rendered,
    before: rendered.slice(1, 1 + earlier.seen.length),
    after: rendered.slice(1 + earlier.seen.length),
    state: await renderState(server, reader, await stateAround(server, { last, all, filter })),
    start: placeToken(earlier.next ?? earlier.seen.at(-1)?.event.place ?? place),
    end: placeToken(later.next ?? after(last.event.place as Place)),
  }
}

/** The state at the last event; of members only those of the senders, for clients that load them lazily. */
async function stateAround(
  server: Homeserver,
  { last, all, filter }: { last: Seen; all: readonly Seen[]; filter: EventFilter },
): Promise<StoredEvent[]> {
  const root: NodeId = last.event.rootAfter ?? 0
  const entries = await server.states.entries(root)
  const names = await server.interning.stateKeys.names(server.database, [...entries.keys()])
  const isMember = (key: number) => splitStateKeyName(names.get(key) as string)[0] === 'm.room.member'
  const wanted = [...entries].filter(([key]) => !filter.lazyLoadMembers || !isMember(key))
  const events = await server.events.byNumber(wanted.map(([, event]) => event))
  if (!filter.lazyLoadMembers) return [...events.values()]
  const senders = new Set(all.map(({ event }) => event.pdu.sender))
  return [...events.values(), ...(await membersAt(server, root, [...senders]))]
}
