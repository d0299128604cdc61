/**
 * Who may see an event: the one oracle that every read path asks (checklist V1).
 *
 * Decided from the room's state around the event and from what became of the reader since. Source:
 * client-server-api, "Room History Visibility".
 */
import { forbidden, notFound } from '@kith/spec/errors'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import type { Membership } from '../../storage/event-inserts.ts'
import { type RoomNumber, stateKeyNameOf } from '../../storage/interning.ts'
import { type Member, memberRow } from '../../storage/members.ts'
import { type Place, type StoredEvent, standings } from '../../storage/stored-event.ts'
import type { Reader } from '../events/client-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { membershipOf } from './member-changes.ts'

export const historyVisibilities = ['world_readable', 'shared', 'invited', 'joined'] as const
export type HistoryVisibility = (typeof historyVisibilities)[number]

/** What counts of a room's state at one moment. */
export interface Moment {
  visibility: HistoryVisibility
  /** The reader's; undefined where he never had one. */
  membership: Membership | undefined
}

/** The visibility that a state event sets; without one, or with a strange one, it is `shared`. */
export function visibilityOf(event: Pick<StoredEvent, 'pdu'> | undefined): HistoryVisibility {
  const visibility = event?.pdu.content.history_visibility as HistoryVisibility
  return historyVisibilities.includes(visibility) ? visibility : 'shared'
}

/** @param joinedLater whether the reader was in the room at some time after the event */
export function isVisibleAt({ visibility, membership }: Moment, joinedLater: boolean): boolean {
  if (visibility === 'world_readable' || membership === 'join') return true
  if (visibility === 'shared') return joinedLater
  return visibility === 'invited' && membership === 'invite'
}

/** An event its reader may see, with his membership at the time. */
export interface Seen {
  event: StoredEvent
  membership: Membership
}

/** Where a reader stands in a room. */
export interface Standpoint {
  room: RoomNumber
  /** His row in `members`, as it is now. */
  member: Member | undefined
  /**
   * What happened before this he may see by having been in the room later. `everything` while he is in it;
   * undefined when he never was.
   */
  lastJoined: Place | 'everything' | undefined
}

const longestHistory = 200
/** No state has this root: an event whose state is unknown is hidden. */
const unknownRoot: NodeId = -1

export async function standpoint(server: Homeserver, reader: Reader, room: RoomNumber): Promise<Standpoint> {
  const member = await memberRow(server.database, room, reader.user)
  return standpointOf(server, reader, { room, member })
}

/** The standpoint of one whose membership is known. */
export async function standpointOf(
  server: Homeserver,
  reader: Reader,
  { room, member }: { room: RoomNumber; member: Member | undefined },
): Promise<Standpoint> {
  if (!member || member.membership === 'join') {
    return { room, member, lastJoined: member ? 'everything' : undefined }
  }
  return { room, member, lastJoined: await endOfLastStay(server, reader, member) }
}

/** The place of the event that ended the reader's last stay in a room. */
async function endOfLastStay(server: Homeserver, reader: Reader, member: Member): Promise<Place | undefined> {
  const key = await memberKey(server, reader.userId)
  let event = (await server.events.byNumber([member.event])).get(member.event)
  for (let step = 0; event && step < longestHistory; step++) {
    if (event.rootBefore === undefined || key === undefined) return undefined
    const number = (await server.states.lookup(event.rootBefore, [key])).get(key)
    const before = number === undefined ? undefined : (await server.events.byNumber([number])).get(number)
    if (before && membershipOf(before) === 'join') return event.place
    event = before
  }
  return undefined
}

function memberKey(server: Homeserver, userId: string): Promise<number | undefined> {
  return server.interning.stateKeys.existing(server.database, stateKeyNameOf('m.room.member', userId))
}

/**
 * Of some events of one room, those the reader may see, in their order. Outliers, rejected and soft-failed events
 * are nobody's to see.
 */
export async function visibleEvents(
  server: Homeserver,
  reader: Reader,
  { events, from }: { events: readonly StoredEvent[]; from: Standpoint },
): Promise<Seen[]> {
  const placed = events.filter((event) => event.place && event.standing === standings.accepted)
  const moments = await loadMoments(server, reader, placed)
  return placed.flatMap((event) => {
    const before = moments.get(event.rootBefore ?? unknownRoot)
    const after = moments.get(event.rootAfter ?? unknownRoot)
    if (!before || !after) return []
    const later = joinedAfter(from.lastJoined, event.place as Place)
    if (!isVisibleAt(before, later) && !isVisibleAt(after, later)) return []
    // His own change of membership tells what he became by it.
    return [{ event, membership: after.membership ?? before.membership ?? 'leave' }]
  })
}

function joinedAfter(lastJoined: Standpoint['lastJoined'], place: Place): boolean {
  if (lastJoined === undefined || lastJoined === 'everything') return lastJoined !== undefined
  const { position, slot } = lastJoined
  return place.position < position || (place.position === position && place.slot <= slot)
}

/** What counts of each state around some events: a few roots, however many events. */
async function loadMoments(
  server: Homeserver,
  reader: Reader,
  events: readonly StoredEvent[],
): Promise<Map<NodeId, Moment>> {
  const roots = new Set<NodeId>()
  for (const { rootBefore, rootAfter } of events) {
    if (rootBefore !== undefined) roots.add(rootBefore)
    if (rootAfter !== undefined) roots.add(rootAfter)
  }
  const names = [
    stateKeyNameOf('m.room.history_visibility', ''),
    stateKeyNameOf('m.room.member', reader.userId),
  ]
  const keys = await server.interning.stateKeys.find(server.database, names)
  const [visibilityKey, ownKey] = names.map((name) => keys.get(name) ?? 0)
  const asked = [...keys.values()]
  const states = await Promise.all(
    [...roots].map(async (root) => [root, await server.states.lookup(root, asked)] as const),
  )
  const found = await server.events.byNumber(new Set(states.flatMap(([, state]) => [...state.values()])))
  return new Map(
    states.map(([root, state]) => {
      const own = found.get(state.get(ownKey as number) ?? 0)
      const visibility = visibilityOf(found.get(state.get(visibilityKey as number) ?? 0))
      return [root, { visibility, membership: own && membershipOf(own) }]
    }),
  )
}

/** One event, if the reader may see it. @throws M_NOT_FOUND, the same whether it is hidden, elsewhere or nowhere */
export async function requireVisible(
  server: Homeserver,
  reader: Reader,
  { eventId, from }: { eventId: string; from: Standpoint },
): Promise<Seen> {
  const event = await server.events.one(eventId)
  const seen = event?.room === from.room ? await visibleEvents(server, reader, { events: [event], from }) : []
  if (!seen[0]) throw notFound('there is no such event, or you may not see it')
  return seen[0]
}

/**
 * Where one stands who wants to read a room's history: who is or was in it, and anybody while it is readable by
 * the world. Which events he sees is another question.
 *
 * @throws M_FORBIDDEN, the same for a room that does not exist
 */
export async function requireReadable(
  server: Homeserver,
  reader: Reader,
  roomId: string,
): Promise<Standpoint> {
  const room = await server.interning.rooms.existing(server.database, roomId)
  if (room !== undefined) {
    const from = await standpoint(server, reader, room)
    if (from.lastJoined !== undefined || (await isWorldReadable(server, room))) return from
  }
  throw forbidden('you are not in this room')
}

/** Whether a room's history is, at the moment, open to everybody. */
export async function isWorldReadable(server: Homeserver, room: RoomNumber): Promise<boolean> {
  const root = await server.rooms.root(room)
  if (root === 0) return false
  const name = stateKeyNameOf('m.room.history_visibility', '')
  const key = await server.interning.stateKeys.existing(server.database, name)
  const number = key === undefined ? undefined : (await server.states.lookup(root, [key])).get(key)
  if (number === undefined) return false
  return visibilityOf((await server.events.byNumber([number])).get(number)) === 'world_readable'
}
