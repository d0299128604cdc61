/** Member events with which users of other servers enter and leave, as their servers made and signed them. */
import { forbidden, invalidParam, MatrixError } from '@kith/spec/errors'
import { countersign } from '@kith/spec/events/build'
import { eventIdOf } from '@kith/spec/events/event-id'
import { checkFormat, eventJson } from '@kith/spec/events/format'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { authEventIds } from '@kith/spec/events/references'
import { domainOf } from '@kith/spec/ids'
import { type JsonObject, own } from '@kith/spec/json'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { MissingEvents } from '@kith/spec/rooms/state-resolution/resolve'
import { type StoredEvent, standings } from '../../../storage/stored-event.ts'
import type { Homeserver } from '../../homeserver.ts'
import { pduBytes } from '../../rooms/pdu-bytes.ts'
import {
  type Incoming,
  MissingPrevious,
  type Outcome,
  placeEvent,
  TooManyBranches,
} from '../../rooms/place.ts'
import { relayToAll } from '../../rooms/relay.ts'
import { vouchingFor } from '../../rooms/restricted-join.ts'
import { strippedEvents } from '../../rooms/stripped-state.ts'
import { checkEvents } from '../check-events.ts'
import { Unverifiable } from '../ingest/unverifiable.ts'
import type { KnownRoom } from '../known-room.ts'
import { type Entering, refuseVouching } from './make-membership.ts'
import { joined, wholeState } from './read-state.ts'
import { roomForVisitor } from './standing.ts'

export interface GivenEvent {
  roomId: string
  eventId: string
  /** The event, as it came: its room's version says how strictly it is parsed. */
  text: Uint8Array | string
}

/** Takes a join. @returns the answer: the state before it, with its authority. @throws as `receiveMembership` */
export async function receiveJoin(server: Homeserver, origin: string, given: GivenEvent): Promise<string> {
  const { known, event } = await receiveMembership(server, origin, { ...given, membership: 'join' })
  const { state, chain } = await wholeState(server, {
    room: known.room,
    root: event.rootBefore ?? 0,
    also: authEventIds(event.pdu),
  })
  const frame = { members_omitted: false, origin: server.config.serverName }
  const text = pduBytes(event.pdu).toString()
  const events = `"event":${text},"state":[${joined(state)}],"auth_chain":[${joined(chain)}]`
  return `${JSON.stringify(frame).slice(0, -1)},${events}}`
}

/** @throws as `receiveMembership` */
export async function receiveLeave(server: Homeserver, origin: string, given: GivenEvent): Promise<void> {
  await receiveMembership(server, origin, { ...given, membership: 'leave' })
}

/** Takes a knock. @returns what its sender may see of the room, as events. @throws as `receiveMembership` */
export async function receiveKnock(
  server: Homeserver,
  origin: string,
  given: GivenEvent,
): Promise<JsonObject[]> {
  const { event } = await receiveMembership(server, origin, { ...given, membership: 'knock' })
  return (await strippedEvents(server, event.rootBefore ?? 0)).map(({ pdu }) => pdu as JsonObject)
}

type Given = GivenEvent & { membership: Entering }

/**
 * @throws M_INVALID_PARAM for what is no such event, M_FORBIDDEN where its sender is another server's or the room
 *   refuses it, M_NOT_FOUND; for joins what `refuseVouching` throws; Unverifiable
 */
async function receiveMembership(
  server: Homeserver,
  origin: string,
  given: Given,
): Promise<{ known: KnownRoom; event: StoredEvent }> {
  const known = await roomForVisitor(server, origin, given.roomId)
  const bare = ownMemberEvent(server, origin, { ...given, rules: known.rules })
  const event = await verified(server, known, await vouchedFor(server, known, bare))
  const outcome = await place(server, known, { event, relay: relayToAll([origin]) })
  const stored = await server.events.one(event.eventId)
  if (!stored || outcome === 'rejected' || outcome === 'soft-failed')
    throw forbidden('the room refuses this event')
  if (stored.standing !== standings.accepted) throw forbidden('the room has refused this event before')
  return { known, event: stored }
}

/** Checklist A10. */
function ownMemberEvent(
  server: Homeserver,
  origin: string,
  { roomId, eventId, text, membership, rules }: Given & { rules: RoomVersionRules },
): RoomEvent {
  const pdu = formatted(text, rules)
  if (pdu.room_id !== roomId) throw invalidParam('the event belongs to another room')
  if (eventIdOf(pdu, rules, server.crypto) !== eventId) throw invalidParam('the event has another id')
  if (pdu.type !== 'm.room.member' || own(pdu.content, 'membership') !== membership) {
    throw invalidParam(`the event must be a member event with the membership ${membership}`)
  }
  if (pdu.state_key !== pdu.sender) throw invalidParam('the event must be about its sender')
  if (domainOf(pdu.sender) !== origin) throw forbidden('the sender is not a user of your server')
  return { eventId, roomId, pdu }
}

/** @throws M_NOT_JSON, and M_BAD_JSON for what its room does not take for JSON (checklist J2); M_INVALID_PARAM, M_TOO_LARGE */
export function formatted(text: Uint8Array | string, rules: RoomVersionRules): RoomEvent['pdu'] {
  const value = eventJson(text, rules)
  try {
    return checkFormat(value, rules)
  } catch (error) {
    if (error instanceof MatrixError && error.code === 'M_BAD_JSON') throw invalidParam(error.message)
    throw error
  }
}

/**
 * A join for which one of our users is to vouch, signed. That is the only event of others that we sign: its sender
 * is theirs, and all it does is let him in (checklist A8, A11).
 */
async function vouchedFor(
  server: Homeserver,
  { room, rules }: KnownRoom,
  event: RoomEvent,
): Promise<RoomEvent> {
  const { content, sender: userId } = event.pdu
  const voucher = own(content, 'join_authorised_via_users_server')
  if (typeof voucher !== 'string' || !server.isLocal(domainOf(voucher))) return event
  const user = await server.interning.users.number(server.database, userId)
  const vouching = await vouchingFor(server, { room, userId, user })
  if (typeof vouching === 'string') refuseVouching(userId, vouching)
  const serverName = domainOf(voucher)
  return countersign(event, { rules, serverName, key: server.signingKey(serverName) })
}

async function verified(server: Homeserver, known: KnownRoom, event: RoomEvent): Promise<RoomEvent> {
  const [checked] = await checkEvents(server, known, [event.pdu as JsonObject])
  if (checked && 'event' in checked) return checked.event
  if (checked?.isTemporary) throw new Unverifiable(checked.refused)
  throw forbidden(checked?.refused ?? 'the event cannot be checked')
}

async function place(server: Homeserver, { room }: KnownRoom, incoming: Incoming): Promise<Outcome> {
  try {
    return await placeEvent(server, room, incoming)
  } catch (error) {
    if (error instanceof MissingPrevious || error instanceof MissingEvents) {
      throw invalidParam('the event refers to others that this server does not have')
    }
    if (error instanceof TooManyBranches) throw forbidden('the room has too many branches')
    throw error
  }
}
