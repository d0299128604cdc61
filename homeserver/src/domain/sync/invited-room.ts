/** Rooms of a sync that the reader is invited to, or has knocked on: what he may know of them from outside. */
import type { JsonObject } from '@kith/spec/json'
import { strippedState } from '../../storage/invitations.ts'
import type { Member } from '../../storage/members.ts'
import { stripped, strippedEvents } from '../rooms/stripped-state.ts'
import type { SyncContext } from './sync-context.ts'

export interface OutsideRoom {
  roomId: string
  membership: 'invite' | 'knock'
  state: JsonObject[]
}

/** @returns undefined for invites of people whom the reader ignores */
export async function outsideRoom(context: SyncContext, member: Member): Promise<OutsideRoom | undefined> {
  const { server, reader, ignored } = context
  const { room, membership } = member
  const own = (await server.events.byNumber([member.event])).get(member.event)
  if (!own || (membership !== 'invite' && membership !== 'knock')) return undefined
  if (membership === 'invite' && ignored.has(own.pdu.sender)) return undefined
  const roomId = await server.interning.rooms.name(server.database, room)
  // Of a room that this server is in it knows the state; of another, what it was told.
  const shown = own.place
    ? (await strippedEvents(server, own.rootAfter ?? 0, [own.pdu.sender])).map(stripped)
    : ((await strippedState(server.database, room, reader.user)) ?? [])
  const isOwn = (event: JsonObject) => event.type === 'm.room.member' && event.state_key === reader.userId
  return { roomId, membership, state: [...shown.filter((event) => !isOwn(event)), stripped(own)] }
}
