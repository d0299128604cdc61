import type { RoomEvent } from '@kith/spec/events/pdu'
import { isUserId } from '@kith/spec/ids'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { type MemberChange, type Membership, memberships } from '../../storage/event-inserts.ts'
import { splitStateKeyName } from '../../storage/interning.ts'
import type { EventNumber } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'

/** The membership that an accepted member event states; a strange one counts as `leave`. */
export function membershipOf(event: Pick<RoomEvent, 'pdu'> | undefined): Membership {
  const membership = event?.pdu.content.membership as Membership
  return memberships.includes(membership) ? membership : 'leave'
}

/** The change of membership that an event makes by itself: one, or none. */
export async function memberChangeOf(
  server: Pick<Homeserver, 'database' | 'interning'>,
  event: RoomEvent,
  number: EventNumber,
): Promise<MemberChange[]> {
  const { type, state_key: target } = event.pdu
  if (type !== 'm.room.member' || target === undefined || !isUserId(target)) return []
  const user = await server.interning.users.number(server.database, target)
  return [{ user, membership: membershipOf(event), event: number }]
}

/** Every membership on which two states differ, as the second has it. */
export async function memberChangesBetween(
  server: Homeserver,
  before: NodeId,
  after: NodeId,
): Promise<MemberChange[]> {
  const changes = await server.states.diff(before, after)
  const names = await server.interning.stateKeys.names(server.database, [...changes.keys()])
  const events = await server.events.byNumber([...changes.values()].flatMap((change) => change.after ?? []))
  const members: MemberChange[] = []
  for (const [key, change] of changes) {
    const [type, target] = splitStateKeyName(names.get(key) as string)
    if (type !== 'm.room.member' || !isUserId(target)) continue
    const user = await server.interning.users.number(server.database, target)
    const event = events.get(change.after ?? 0)
    if (change.after !== undefined && !event) throw new Error(`event ${change.after} of a state is not here`)
    members.push({ user, membership: membershipOf(event), event: change.after ?? change.before ?? 0 })
  }
  return members
}
