/** Invites of local users by people of other servers. */
import { forbidden, incompatibleRoomVersion, invalidParam } from '@kith/spec/errors'
import { countersign } from '@kith/spec/events/build'
import { eventIdOf } from '@kith/spec/events/event-id'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { domainOf, isUserId } from '@kith/spec/ids'
import { isObject, type Json, type JsonObject, own, utf8Length } from '@kith/spec/json'
import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import { accountOf } from '../../../storage/accounts.ts'
import { storedHead } from '../../../storage/heads.ts'
import { memberRow } from '../../../storage/members.ts'
import type { Homeserver } from '../../homeserver.ts'
import { checkEvents } from '../check-events.ts'
import { Unverifiable } from '../ingest/unverifiable.ts'
import { writeInvitation } from '../invitations.ts'
import { knownRoom, mayTakePart } from '../known-room.ts'
import { formatted, type GivenEvent } from './receive-membership.ts'

export interface GivenInvite extends GivenEvent {
  /** Absent in the first version of the operation. */
  version?: string
  strippedState: readonly Json[]
}

const maxStrippedBytes = 64 * 1024

/**
 * Signs an invite. Where this server is in the room, the event then comes as others do; else it is kept with what it
 * shows of the room (checklist A9).
 *
 * @throws M_INVALID_PARAM, M_FORBIDDEN, M_INCOMPATIBLE_ROOM_VERSION; Unverifiable
 */
export async function receiveInvite(
  server: Homeserver,
  origin: string,
  given: GivenInvite,
): Promise<JsonObject> {
  const rules = await rulesOf(server, given)
  const bare = inviteEvent(server, origin, { ...given, rules })
  const strippedState = shownState(given)
  await requireAccount(server, bare.pdu.state_key as string)
  const known = await knownRoom(server, given.roomId)
  if (known && !(await mayTakePart(server, known, origin))) {
    throw forbidden('the room does not let your server take part')
  }
  const event = signed(server, rules, await verified(server, rules, bare))
  if (!known && !(await isRepeated(server, event)))
    await writeInvitation(server, { event, rules, membership: 'invite', strippedState })
  return event.pdu as JsonObject
}

/** The first version of the operation is for rooms whose events have IDs in them, and one name of those does for all. */
async function rulesOf(server: Homeserver, { roomId, version }: GivenInvite): Promise<RoomVersionRules> {
  const room = await server.interning.rooms.existing(server.database, roomId)
  const head = room === undefined ? undefined : await storedHead(server.database, room)
  const name = version ?? head?.roomVersion ?? '1'
  const rules = roomVersions.get(name)
  if (!rules || (version === undefined && rules.eventId !== 'given')) throw incompatibleRoomVersion(name)
  return rules
}

function inviteEvent(
  server: Homeserver,
  origin: string,
  { roomId, eventId, text, rules }: GivenInvite & { rules: RoomVersionRules },
): RoomEvent {
  const { unsigned: _, ...pdu } = formatted(text, rules)
  if (pdu.room_id !== roomId) throw invalidParam('the event belongs to another room')
  if (eventIdOf(pdu, rules, server.crypto) !== eventId) throw invalidParam('the event has another id')
  if (pdu.type !== 'm.room.member' || own(pdu.content, 'membership') !== 'invite') {
    throw invalidParam('the event is no invite')
  }
  const target = pdu.state_key ?? ''
  if (!isUserId(target) || !server.isLocal(domainOf(target))) {
    throw invalidParam('the invited user is not one of this server')
  }
  if (domainOf(pdu.sender) !== origin) throw forbidden('the sender is not a user of your server')
  return { eventId, roomId, pdu }
}

/** Stripped events or, as the specification wants since v1.16, whole ones of this room. */
function shownState({ strippedState, roomId }: GivenInvite): JsonObject[] {
  if (utf8Length(JSON.stringify(strippedState)) > maxStrippedBytes) {
    throw invalidParam('invite_room_state is limited to 64 KiB')
  }
  return strippedState.map((event) => {
    if (!isObject(event) || !isStripped(event))
      throw invalidParam('invite_room_state holds no stripped events')
    if (typeof event.room_id === 'string' && event.room_id !== roomId) {
      throw invalidParam('invite_room_state holds an event of another room')
    }
    return event
  })
}

function isStripped({ type, state_key: key, sender, content }: JsonObject): boolean {
  return (
    typeof type === 'string' && typeof key === 'string' && typeof sender === 'string' && isObject(content)
  )
}

/** Whether an invite is the one that the user has, or had and declined: that must not bring it back. */
async function isRepeated(server: Homeserver, { eventId, pdu }: RoomEvent): Promise<boolean> {
  const held = await server.events.one(eventId)
  if (!held) return false
  const user = await server.interning.users.number(server.database, pdu.state_key as string)
  return (await memberRow(server.database, held.room, user))?.event === held.number
}

async function requireAccount(server: Homeserver, userId: string): Promise<void> {
  const account = await accountOf(server.database, userId)
  if (!account || account.deactivatedAt !== null) throw invalidParam('there is no such user')
}

async function verified(server: Homeserver, rules: RoomVersionRules, event: RoomEvent): Promise<RoomEvent> {
  const [checked] = await checkEvents(server, { rules, roomId: event.roomId }, [event.pdu as JsonObject])
  if (checked && 'event' in checked) return checked.event
  if (checked?.isTemporary) throw new Unverifiable(checked.refused)
  throw invalidParam(checked?.refused ?? 'the event cannot be checked')
}

function signed(server: Homeserver, rules: RoomVersionRules, event: RoomEvent): RoomEvent {
  const serverName = domainOf(event.pdu.state_key as string)
  return countersign(event, { rules, serverName, key: server.signingKey(serverName) })
}
