/** The members of a room, now or at some time, as somebody may see them who is or was in it. */
import { forbidden } from '@kith/spec/errors'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import type { Membership } from '../../storage/event-inserts.ts'
import { splitStateKeyName } from '../../storage/interning.ts'
import { roomState } from '../../storage/states.ts'
import type { StoredEvent } from '../../storage/stored-event.ts'
import type { Reader } from '../events/client-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { membershipOf } from '../rooms/member-changes.ts'
import { requireReadable, type Standpoint } from '../rooms/visibility.ts'
import { readBoundary } from '../sync/tokens.ts'

export interface MembersRequest {
  roomId: string
  /** A token of sync or of pagination. */
  at?: string
  membership?: Membership
  notMembership?: Membership
}

/** @throws MatrixError M_FORBIDDEN, M_INVALID_PARAM */
export async function membersOf(
  server: Homeserver,
  reader: Reader,
  { roomId, at, membership, notMembership }: MembersRequest,
): Promise<StoredEvent[]> {
  const boundary = at === undefined ? undefined : await readBoundary(server.log.tail, at)
  const from = await requireReadable(server, reader, roomId)
  const position = boundary && (boundary.slot === 1 ? boundary.position : boundary.position - 1)
  const events = await memberEvents(server, await rootAt(server, from, position))
  return events.filter((event) => {
    const is = membershipOf(event)
    return (
      (membership === undefined || is === membership) && (notMembership === undefined || is !== notMembership)
    )
  })
}

/** Who has left sees the room as it was when he did. */
async function rootAt(server: Homeserver, from: Standpoint, at: number | undefined): Promise<NodeId> {
  const { lastJoined, room } = from
  const end = typeof lastJoined === 'object' ? lastJoined.position : undefined
  if (end !== undefined && (at === undefined || at > end)) {
    // Beside his leaving, other changes may have come with it.
    const leaving = (await server.events.atPositions(room, [end]))[0]
    return leaving?.rootAfter ?? 0
  }
  return at === undefined
    ? server.rooms.root(room)
    : ((await roomState(server.database, room, at))?.root ?? 0)
}

async function memberEvents(server: Homeserver, root: NodeId): Promise<StoredEvent[]> {
  const entries = await server.states.entries(root)
  const names = await server.interning.stateKeys.names(server.database, [...entries.keys()])
  const members = [...entries].filter(
    ([key]) => splitStateKeyName(names.get(key) as string)[0] === 'm.room.member',
  )
  const found = await server.events.byNumber(members.map(([, event]) => event))
  return [...found.values()]
}

export interface Profile {
  display_name?: string
  avatar_url?: string
}

/** Names and pictures of who is in a room now, by user id. @throws MatrixError M_FORBIDDEN for who is not */
export async function joinedMembers(
  server: Homeserver,
  reader: Reader,
  roomId: string,
): Promise<Map<string, Profile>> {
  const from = await requireReadable(server, reader, roomId)
  if (from.member?.membership !== 'join') throw forbidden('you are not in this room')
  const events = await memberEvents(server, await server.rooms.root(from.room))
  return new Map(
    events
      .filter((event) => membershipOf(event) === 'join')
      .map(({ pdu }) => {
        const { displayname, avatar_url } = pdu.content
        return [
          pdu.state_key as string,
          {
            ...(typeof displayname === 'string' && { display_name: displayname }),
            ...(typeof avatar_url === 'string' && { avatar_url }),
          },
        ]
      }),
  )
}
