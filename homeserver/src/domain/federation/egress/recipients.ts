/**
 * Which servers an event is owed: those in the room before or after it, so also the one whose last user it
 * removes, and the one whose user's invite or knock it ends.
 */
import { domainOf, isUserId } from '@kith/spec/ids'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { LruMap } from '../../../platform/lru-map.ts'
import { type RoomNumber, splitStateKeyName } from '../../../storage/interning.ts'
import { roomState, rootsAround } from '../../../storage/states.ts'
import type { StoredEvent } from '../../../storage/stored-event.ts'
import type { Homeserver } from '../../homeserver.ts'
import { membershipOf } from '../../rooms/member-changes.ts'
import type { RoomMembers } from '../../rooms/members-view.ts'
import { stateAt } from '../../rooms/state-reader.ts'

/** Names of servers, local ones left out. */
export async function recipientsOf(server: Homeserver, event: StoredEvent): Promise<Set<string>> {
  const members = await server.rooms.members.of(event.room)
  const position = event.place?.position ?? 0
  const servers =
    members.changedAt <= position ? new Set(members.servers.keys()) : await serversAt(server, event, members)
  const removed = await serverOfRemoved(server, event)
  if (removed !== undefined) servers.add(removed)
  for (const name of servers) if (server.isLocal(name)) servers.delete(name)
  return servers
}

/** Joined members per server in one state of a room. */
interface Counted {
  readonly root: NodeId
  readonly joined: ReadonlyMap<string, number>
}

const lastCounted = new WeakMap<Homeserver, LruMap<RoomNumber, Counted>>()
const countedRooms = 1000

/**
 * The servers in the room around an event that lies before later changes of membership. Counted from the event that was
 * asked about before, which is near it, or else from now: it costs what changed between, not the room.
 */
async function serversAt(server: Homeserver, event: StoredEvent, members: RoomMembers): Promise<Set<string>> {
  const rooms = lastCounted.get(server) ?? new LruMap<RoomNumber, Counted>(countedRooms)
  lastCounted.set(server, rooms)
  let counted = rooms.get(event.room) ?? (await countedNow(server, event.room, members))
  const servers = new Set<string>()
  // The room's own states, and the event's, which differ where the room was forked.
  const roots = await rootsAround(server.database, event.room, event.place?.position ?? 0)
  for (const root of new Set([event.rootBefore ?? 0, event.rootAfter ?? 0, ...roots])) {
    counted = await countedAt(server, root, counted)
    for (const name of counted.joined.keys()) servers.add(name)
  }
  rooms.set(event.room, counted)
  return servers
}

/** What the view holds is as of the tail's head. */
async function countedNow(server: Homeserver, room: RoomNumber, { servers }: RoomMembers): Promise<Counted> {
  const joined = new Map(servers)
  const state = await roomState(server.database, room, server.log.tail.head)
  return { root: state?.root ?? 0, joined }
}

async function countedAt(server: Homeserver, root: NodeId, from: Counted): Promise<Counted> {
  const more = await joinedMoreAt(server, root, from.root)
  if (more.size === 0) return { root, joined: from.joined }
  const joined = new Map(from.joined)
  for (const [name, count] of more) {
    const sum = (joined.get(name) ?? 0) + count
    if (sum > 0) joined.set(name, sum)
    else joined.delete(name)
  }
  return { root, joined }
}

/** By how many each other server has more joined members in a state than in another. */
async function joinedMoreAt(server: Homeserver, root: NodeId, from: NodeId): Promise<Map<string, number>> {
  const { database, interning } = server
  const changes = await server.states.diff(root, from)
  const names = await interning.stateKeys.names(database, [...changes.keys()])
  const remote = [...changes].flatMap(([key, change]) => {
    const [type, target] = splitStateKeyName(names.get(key) ?? '')
    const name = type === 'm.room.member' && isUserId(target) ? domainOf(target) : undefined
    return name === undefined || server.isLocal(name) ? [] : [{ name, ...change }]
  })
  const numbers = remote.flatMap(({ before, after }) => [before ?? 0, after ?? 0])
  const events = await server.events.byNumber(new Set(numbers.filter((number) => number !== 0)))
  const more = new Map<string, number>()
  const joins = (number = 0) => Number(membershipOf(events.get(number)) === 'join')
  for (const { name, before, after } of remote) {
    more.set(name, (more.get(name) ?? 0) + joins(before) - joins(after))
  }
  return more
}

/** The server of somebody who was in the room, invited or knocking until this event. */
async function serverOfRemoved(
  server: Homeserver,
  { pdu, rootBefore = 0 }: StoredEvent,
): Promise<string | undefined> {
  const { type, state_key: target, content } = pdu
  if (type !== 'm.room.member' || target === undefined) return undefined
  if (content.membership !== 'leave' && content.membership !== 'ban') return undefined
  const before = (await stateAt(server, rootBefore, [['m.room.member', target]])).get('m.room.member', target)
  const membership = membershipOf(before)
  return membership === 'leave' || membership === 'ban' ? undefined : domainOf(target)
}
