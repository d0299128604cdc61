import type { RoomEvent } from '@kith/spec/events/pdu'
import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'

/** The rules of a room, by its create event. Only rooms of versions we know are stored. */
export function roomRules(create: Pick<RoomEvent, 'pdu'>): RoomVersionRules {
  const version = create.pdu.content.room_version ?? '1'
  const rules = roomVersions.get(String(version))
  if (!rules) throw new Error(`room version ${version} is unknown`)
  return rules
}
