/** Withdrawn invites to, and refused knocks on, rooms that this server is not in. */

import type { RoomEvent } from '@kith/spec/events/pdu'
import { domainOf, isUserId } from '@kith/spec/ids'
import { isObject, type Json, own } from '@kith/spec/json'
import { roomVersions } from '@kith/spec/rooms/room-version'
import { storedHead } from '../../../storage/heads.ts'
import { type Member, memberRow } from '../../../storage/members.ts'
import type { Homeserver } from '../../homeserver.ts'
import { checkEvents } from '../check-events.ts'
import { writeInvitation } from '../invitations.ts'

/**
 * Takes the events that end a local user's invite or knock. An invite is withdrawn by the server that made it: we
 * cannot judge by the room's state who else might.
 *
 * @returns the ids of the events taken
 */
export async function takeRescinded(
  server: Homeserver,
  roomId: string,
  items: readonly { pdu: Json | undefined }[],
): Promise<Set<string>> {
  const taken = new Set<string>()
  const room = await server.interning.rooms.existing(server.database, roomId)
  const version = room === undefined ? undefined : (await storedHead(server.database, room))?.roomVersion
  const rules = roomVersions.get(version ?? '')
  if (room === undefined || !rules) return taken
  const endings = items.flatMap(({ pdu }) => (endsMembership(server, pdu) ? [pdu as Json] : []))
  for (const checked of await checkEvents(server, { rules, roomId }, endings)) {
    if (!('event' in checked)) continue
    const { event } = checked
    const user = await server.interning.users.existing(server.database, event.pdu.state_key ?? '')
    const member = user === undefined ? undefined : await memberRow(server.database, room, user)
    if (!member || !(await mayEnd(server, event, member))) continue
    await writeInvitation(server, { event, rules, membership: 'leave', strippedState: [] })
    taken.add(event.eventId)
  }
  return taken
}

function endsMembership(server: Homeserver, pdu: Json | undefined): boolean {
  if (!isObject(pdu) || pdu.type !== 'm.room.member' || !isObject(pdu.content)) return false
  const membership = own(pdu.content, 'membership')
  const target = pdu.state_key
  if (typeof target !== 'string' || !isUserId(target) || !server.isLocal(domainOf(target))) return false
  return membership === 'leave' || membership === 'ban'
}

async function mayEnd(server: Homeserver, event: RoomEvent, member: Member): Promise<boolean> {
  if (member.membership === 'knock') return true
  if (member.membership !== 'invite') return false
  const invite = (await server.events.byNumber([member.event])).get(member.event)
  return invite !== undefined && domainOf(invite.pdu.sender) === domainOf(event.pdu.sender)
}
