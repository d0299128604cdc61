/** The first events of a room, written as one: a room is there with all of them or not at all. */
import { MatrixError } from '@kith/spec/errors'
import { buildEvent } from '@kith/spec/events/build'
import { domainOf } from '@kith/spec/ids'
import type { JsonObject } from '@kith/spec/json'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { setRoomVersion } from '../../storage/heads.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import type { Homeserver } from '../homeserver.ts'
import { randomId } from '../random-id.ts'
import { prepareAll } from './changes.ts'
import { emptyHead } from './head.ts'
import { memberContent } from './member-content.ts'
import type { EventDraft } from './prepare.ts'
import type { LocalSender } from './send.ts'

/** A room that has its name, and no event yet. */
export interface NewRoom {
  room: RoomNumber
  roomId: string
  rules: RoomVersionRules
  creator: LocalSender
  create: EventDraft
}

/** @param content of the create event, beside what the room's version itself puts there */
export async function nameRoom(
  server: Homeserver,
  creator: LocalSender,
  { rules, content: given }: { rules: RoomVersionRules; content: JsonObject },
): Promise<NewRoom> {
  const content: JsonObject = { ...given, room_version: rules.version }
  if (rules.creatorInContent) content.creator = creator.userId
  else delete content.creator
  const timestampMs = server.clock.now()
  const create = { type: 'm.room.create', sender: creator.userId, stateKey: '', content, timestampMs }
  const roomId = rules.roomIdIsCreateHash
    ? hashedRoomId(server, create, rules)
    : `!${randomId(18)}:${domainOf(creator.userId)}`
  const room = await server.interning.rooms.number(server.database, roomId)
  await setRoomVersion(server.database, room, rules.version)
  return { room, roomId, rules, creator, create }
}

/** The hash of the create event, which the same text and time give again when the event is built in its place. */
function hashedRoomId(
  server: Homeserver,
  { type, sender, content, timestampMs }: EventDraft & { timestampMs: number },
  rules: RoomVersionRules,
): string {
  const serverName = domainOf(sender)
  const references = { depth: 1, prev_events: [], auth_events: [] }
  return buildEvent(
    { type, sender, state_key: '', content, origin_server_ts: timestampMs, ...references },
    { rules, serverName, key: server.signingKey(serverName), crypto: server.crypto },
  ).roomId
}

/** Writes the create event, the creator's join, and what follows. @throws M_FORBIDDEN where a rule forbids one of them */
export async function writeRoom(
  server: Homeserver,
  { room, roomId, rules, creator: { userId }, create }: NewRoom,
  following: readonly EventDraft[],
): Promise<void> {
  const content = await memberContent(server, userId, { membership: 'join' })
  const join = { type: 'm.room.member', sender: userId, stateKey: userId, content }
  await server.rooms.write(room, async (head) => {
    if (head) throw new MatrixError('M_ROOM_IN_USE', 'the same room was created at this very moment')
    const unit = await prepareAll(server, emptyHead(room, roomId, rules), [create, join, ...following])
    return { ...unit, result: undefined }
  })
}
