/** Pagination of a room's history. Source: client-server-api, "Paginating events". */
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { stateKeyNameOf } from '../../storage/interning.ts'
import type { Place, StoredEvent } from '../../storage/stored-event.ts'
import type { Reader, Rendered } from '../events/client-event.ts'
import { render, renderState } from '../events/render.ts'
import type { EventFilter } from '../filters/event-filter.ts'
import type { Homeserver } from '../homeserver.ts'
import { isWorldReadable, requireReadable, type Seen, type Standpoint } from '../rooms/visibility.ts'
import { after, afterPosition, placeToken, readBoundary } from '../sync/tokens.ts'
import { timelinePage } from './page.ts'

export interface MessagesRequest {
  roomId: string
  dir: 'b' | 'f'
  from?: string
  to?: string
  limit?: number
  filter: EventFilter
}

export interface Messages {
  chunk: Rendered[]
  start: string
  end: string | undefined
  /** Members of the senders, for clients that load them lazily. */
  state: Rendered[] | undefined
}

const defaultLimit = 10
const largestLimit = 1000
/** Before everything: live positions begin with 1. */
const beginning: Place = { position: 0, slot: 0 }

/** @throws MatrixError M_FORBIDDEN, M_INVALID_PARAM */
export async function messages(
  server: Homeserver,
  reader: Reader,
  request: MessagesRequest,
): Promise<Messages> {
  const { dir, filter } = request
  const { tail } = server.log
  const given = request.from === undefined ? undefined : await readBoundary(tail, request.from)
  const end = request.to === undefined ? undefined : await readBoundary(tail, request.to)
  const from = await requireReadable(server, reader, request.roomId)
  const start = given ?? (dir === 'b' ? await newest(server, from) : beginning)
  const limit = Math.min(
    request.limit ?? filter.limit ?? defaultLimit,
    filter.limit ?? largestLimit,
    largestLimit,
  )
  const ignored = await server.views.accountData.ignoredBy(reader.user)
  const page =
    limit === 0
      ? { seen: [], next: start }
      : await timelinePage(server, reader, { from, dir, start, end, limit, filter, ignored })
  return {
    chunk: await render(server, reader, { seen: page.seen, from }),
    start: request.from ?? placeToken(start),
    end: page.next && placeToken(page.next),
    state: filter.lazyLoadMembers ? await sendersOf(server, reader, page.seen) : undefined,
  }
}

/** Where reading back begins: for those who left a room that is closed to them, where they did. */
async function newest(server: Homeserver, { lastJoined, room }: Standpoint): Promise<Place> {
  const isCut = typeof lastJoined === 'object' && !(await isWorldReadable(server, room))
  return isCut ? after(lastJoined) : afterPosition(server.log.tail.head)
}

/** Member events of the senders of some events, as of the first of them. */
async function sendersOf(server: Homeserver, reader: Reader, seen: readonly Seen[]): Promise<Rendered[]> {
  const root = seen[0]?.event.rootAfter
  if (root === undefined) return []
  const senders = [...new Set(seen.map(({ event }) => event.pdu.sender))]
  return renderState(server, reader, await membersAt(server, root, senders))
}

/** The member events of some users in a state. */
export async function membersAt(
  server: Homeserver,
  root: NodeId,
  userIds: readonly string[],
): Promise<StoredEvent[]> {
  const names = userIds.map((userId) => stateKeyNameOf('m.room.member', userId))
  const keys = await server.interning.stateKeys.find(server.database, names)
  const found = await server.states.lookup(root, [...keys.values()])
  return [...(await server.events.byNumber(found.values())).values()]
}
