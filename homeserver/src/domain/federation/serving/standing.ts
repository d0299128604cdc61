/** Who may ask what of a room that this server is in. */
import { forbidden, notFound } from '@kith/spec/errors'
import { type StoredEvent, standings } from '../../../storage/stored-event.ts'
import type { Homeserver } from '../../homeserver.ts'
import { type KnownRoom, knownRoom, mayTakePart } from '../known-room.ts'

const outside = () => forbidden('your server is not in this room')
const denied = () => forbidden('the room does not let your server take part')
const noEvent = () => notFound('there is no such event in this room')

/** A room for a server that is in it. @throws M_FORBIDDEN, the same for a room that is not here (checklist F6) */
export async function roomForMember(server: Homeserver, origin: string, roomId: string): Promise<KnownRoom> {
  const known = await knownRoom(server, roomId)
  if (!known || !(await isIn(server, known, origin))) throw outside()
  if (!(await mayTakePart(server, known, origin))) throw denied()
  return known
}

async function isIn(server: Homeserver, { room }: Pick<KnownRoom, 'room'>, origin: string): Promise<boolean> {
  return (await server.rooms.members.of(room)).servers.has(origin)
}

/** A room for a server one of whose users wants in or out. @throws M_NOT_FOUND, M_FORBIDDEN */
export async function roomForVisitor(server: Homeserver, origin: string, roomId: string): Promise<KnownRoom> {
  const known = await knownRoom(server, roomId)
  if (!known) throw notFound('this server is not in the room')
  if (!(await mayTakePart(server, known, origin))) throw denied()
  return known
}

/** An event of a room, not a rejected one. @throws M_NOT_FOUND, the same for one of another room */
export async function eventOfRoom(
  server: Homeserver,
  { room }: KnownRoom,
  eventId: string,
): Promise<StoredEvent> {
  const event = await server.events.one(eventId)
  if (!event || event.room !== room || event.standing === standings.rejected) throw noEvent()
  return event
}

/** An event and its room, for a server that is in that room. @throws M_NOT_FOUND for all others, M_FORBIDDEN */
export async function eventForMember(
  server: Homeserver,
  origin: string,
  eventId: string,
): Promise<{ event: StoredEvent; known: KnownRoom }> {
  const event = await server.events.one(eventId)
  const known = event && (await knownRoom(server, event.roomId))
  if (!event || !known || event.standing === standings.rejected) throw noEvent()
  if (!(await isIn(server, known, origin))) throw noEvent()
  if (!(await mayTakePart(server, known, origin))) throw denied()
  return { event, known }
}
