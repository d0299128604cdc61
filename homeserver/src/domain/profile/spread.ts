/** Shows a changed name or picture in the rooms that its owner is in, as new member events. */
import { MatrixError } from '@kith/spec/errors'
import type { Json, JsonObject } from '@kith/spec/json'
import type { RoomNumber } from '../../storage/interning.ts'
import type { Reader } from '../events/client-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { membershipOf } from '../rooms/member-changes.ts'
import { sendEvent } from '../rooms/send.ts'
import { stateEvent } from '../rooms/state-reader.ts'

/** How many rooms are written at a time. */
const atOnce = 8

/** @param changed the fields with their new values; undefined where one went */
export async function spreadProfile(
  server: Homeserver,
  reader: Reader,
  changed: Record<string, Json | undefined>,
): Promise<void> {
  const memberships = await server.views.userRooms.of(reader.user)
  const joined = [...memberships.values()].filter(({ membership }) => membership === 'join')
  const queue = joined.values()
  const work = async () => {
    for (const { room } of queue) await showIn(server, reader, { room, changed })
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, joined.length) }, work))
}

async function showIn(
  server: Homeserver,
  reader: Reader,
  { room, changed }: { room: RoomNumber; changed: Record<string, Json | undefined> },
): Promise<void> {
  const roomId = await server.interning.rooms.name(server.database, room)
  const current = await stateEvent(server, await server.rooms.root(room), ['m.room.member', reader.userId])
  if (!current || membershipOf(current) !== 'join') return
  try {
    await sendEvent(server, reader, {
      roomId,
      type: 'm.room.member',
      stateKey: reader.userId,
      content: withFields(current.pdu.content, changed),
    })
  } catch (error) {
    // He left the room meanwhile, or the room does not let him change.
    if (!(error instanceof MatrixError)) throw error
    server.logger.info({ roomId, code: error.code }, 'a profile could not be shown in a room')
  }
}

/** The old content with the changed fields, and without what made the old event a join by invitation. */
function withFields(content: JsonObject, changed: Record<string, Json | undefined>): JsonObject {
  const { join_authorised_via_users_server: _, reason: __, ...kept } = content
  for (const [key, value] of Object.entries(changed)) {
    if (value === undefined) delete kept[key]
    else kept[key] = value
  }
  return kept
}
