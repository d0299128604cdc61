/**
 * Which servers an event is owed: those in the room before or after it, so also the one whose last user it
 * removes, and the one whose user's invite or knock it ends.
 */
import { domainOf } from '@kith/spec/ids'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { membersChangedAfter } from '../../../storage/destinations.ts'
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

/** The servers in the room around an event that lies before later changes of membership. */
async function serversAt(server: Homeserver, event: StoredEvent, members: RoomMembers): Promise<Set<string>> {
  const { database, interning } = server
  const changed = new Set(await membersChangedAfter(database, event.room, (event.place?.position ?? 1) - 1))
  const stayed = [...members.all].filter(([user, membership]) => membership === 'join' && !changed.has(user))
  const names = await interning.users.names(database, [...stayed.map(([user]) => user), ...changed])
  const servers = new Set(stayed.map(([user]) => domainOf(names.get(user) ?? '')))
  const doubtful = [...changed].flatMap((user) => names.get(user) ?? [])
  for (const root of new Set([event.rootBefore, event.rootAfter])) {
    for (const userId of await joinedAt(server, root ?? 0, doubtful)) servers.add(domainOf(userId))
  }
  return servers
}

async function joinedAt(server: Homeserver, root: NodeId, userIds: readonly string[]): Promise<string[]> {
  const state = await stateAt(
    server,
    root,
    userIds.map((userId) => ['m.room.member', userId] as const),
  )
  return [...state.values()]
    .filter((event) => membershipOf(event) === 'join')
    .map((event) => event.pdu.state_key ?? '')
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
