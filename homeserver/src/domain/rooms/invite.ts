/** Invites. Those of people elsewhere are signed by their server first, which may refuse. */
import { forbidden } from '@kith/spec/errors'
import { domainOf } from '@kith/spec/ids'
import type { JsonObject } from '@kith/spec/json'
import type { RoomNumber } from '../../storage/interning.ts'
import type { Homeserver } from '../homeserver.ts'
import { prepareAll } from './changes.ts'
import type { Head } from './head.ts'
import { membershipOf } from './member-changes.ts'
import { memberContent } from './member-content.ts'
import { placeEvent } from './place.ts'
import { type EventDraft, prepare } from './prepare.ts'
import { relayToAll } from './relay.ts'
import { type LocalSender, roomNumber } from './send.ts'
import { stateEvent } from './state-reader.ts'
import { strippedEvents } from './stripped-state.ts'

export interface Invite {
  roomId: string
  target: string
  reason?: string
  isDirect?: boolean
  /** More of the event's content. */
  content?: JsonObject
}

/** @throws M_FORBIDDEN; what the invitee's server answers @returns the event's id */
export async function inviteUser(server: Homeserver, sender: LocalSender, invite: Invite): Promise<string> {
  const room = await roomNumber(server, invite.roomId)
  const content = await memberContent(server, invite.target, {
    membership: 'invite',
    reason: invite.reason,
    isDirect: invite.isDirect,
    more: invite.content,
  })
  const draft = { type: 'm.room.member', sender: sender.userId, stateKey: invite.target, content }
  if (!server.isLocal(domainOf(invite.target))) return inviteElsewhere(server, room, draft)
  return server.rooms.write(room, async (head) => {
    const unit = await prepareAll(server, await inviting(server, head, invite.target), [draft])
    return { ...unit, result: (unit.events[0] as { eventId: string }).eventId }
  })
}

/** The head of a room into which somebody may still be invited. */
async function inviting(server: Homeserver, head: Head | undefined, target: string): Promise<Head> {
  if (!head) throw forbidden('this server is not in the room')
  const current = await stateEvent(server, head.root, ['m.room.member', target])
  if (membershipOf(current) === 'join') throw forbidden(`${target} is in the room already`)
  return head
}

/** The room goes on while the other server is asked: the signed event then finds its place like any other. */
async function inviteElsewhere(server: Homeserver, room: RoomNumber, draft: EventDraft): Promise<string> {
  const head = await inviting(server, await server.rooms.head(room), draft.stateKey as string)
  const { event } = (await prepare(server, head, draft)).change
  const shown = await strippedEvents(server, head.root, [draft.sender])
  const signed = await server.remote.invite({
    event,
    rules: head.rules,
    roomState: shown.map(({ pdu }) => pdu as JsonObject),
  })
  const outcome = await placeEvent(server, room, { event: signed, relay: relayToAll() })
  if (outcome !== 'accepted') throw forbidden('the invite was overtaken by a change in the room')
  return event.eventId
}
