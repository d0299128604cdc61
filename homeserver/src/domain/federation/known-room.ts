import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { isServerAllowed } from '@kith/spec/rooms/server-acl'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { LruMap } from '../../platform/lru-map.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import type { Homeserver } from '../homeserver.ts'
import { isResident } from '../rooms/membership.ts'
import { roomRules } from '../rooms/room-rules.ts'
import { stateEvent } from '../rooms/state-reader.ts'

/** A room that this server is in, as it is now. */
export interface KnownRoom {
  room: RoomNumber
  roomId: string
  rules: RoomVersionRules
  root: NodeId
}

/** Undefined where nobody of this server is in the room: what we hold of its state may be old. */
export async function knownRoom(server: Homeserver, roomId: string): Promise<KnownRoom | undefined> {
  const room = await server.interning.rooms.existing(server.database, roomId)
  if (room === undefined || !(await isResident(server, room))) return undefined
  const root = await server.rooms.root(room)
  const create = await stateEvent(server, root, ['m.room.create', ''])
  return create && { room, roomId, root, rules: roomRules(create) }
}

const verdicts = new WeakMap<Homeserver, LruMap<string, boolean>>()

/** Whether a room's access list lets a server take part (checklist F5). */
export async function mayTakePart(
  server: Homeserver,
  { root }: Pick<KnownRoom, 'root'>,
  name: string,
): Promise<boolean> {
  const acl = await stateEvent(server, root, ['m.room.server_acl', ''])
  if (!acl) return true
  const known = verdicts.get(server) ?? new LruMap<string, boolean>(50_000)
  verdicts.set(server, known)
  // A redaction leaves the id and takes the lists.
  const key = `${acl.eventId} ${acl.redactedBy ?? ''} ${name}`
  const held = known.get(key)
  if (held !== undefined) return held
  const allowed = isServerAllowed(acl.pdu.content, name)
  known.set(key, allowed)
  return allowed
}
