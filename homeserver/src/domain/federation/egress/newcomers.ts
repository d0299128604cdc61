/**
 * A server joined through another one while we were saying something: what we said did not go to it, and its join
 * does not build on it. The next event would tell it; but nobody need say anything for a while.
 */
import { domainOf } from '@kith/spec/ids'
import type { StoredEvent } from '../../../storage/stored-event.ts'
import type { Homeserver } from '../../homeserver.ts'
import { membershipOf } from '../../rooms/member-changes.ts'

export interface Newcomer {
  name: string
  /** Our own events that stand beside its join at the head of the room. */
  missed: StoredEvent[]
}

/** The server that an event brings into its room; undefined where it brings none. */
export async function newcomerOf(server: Homeserver, event: StoredEvent): Promise<Newcomer | undefined> {
  const name = domainOf(event.pdu.sender)
  if (event.pdu.type !== 'm.room.member' || membershipOf(event) !== 'join' || server.isLocal(name))
    return undefined
  const { servers } = await server.rooms.members.of(event.room)
  if (servers.get(name) !== 1) return undefined
  const head = await server.rooms.head(event.room)
  const beside = [...(head?.extremities.keys() ?? [])].filter((number) => number !== event.number)
  const held = await server.events.byNumber(beside)
  const missed = [...held.values()].filter((one) => one.place && server.isLocal(domainOf(one.pdu.sender)))
  return { name, missed }
}
