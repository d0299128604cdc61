import { forbidden } from '@kith/spec/errors'
import { domainOf, isUserId } from '@kith/spec/ids'
import type { JsonObject } from '@kith/spec/json'
import type { Reader } from '../events/client-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { requireReadable } from '../rooms/visibility.ts'
import { defaultTypingMs } from './typing.ts'

/** @throws MatrixError M_FORBIDDEN for who is not in the room */
export async function setTyping(
  server: Homeserver,
  reader: Reader,
  { roomId, typing, timeoutMs }: { roomId: string; typing: boolean; timeoutMs?: number },
): Promise<void> {
  const { room, member } = await requireReadable(server, reader, roomId)
  if (member?.membership !== 'join') throw forbidden('you are not in this room')
  server.views.typing.set(
    { room, userId: reader.userId, typing, remote: false },
    timeoutMs ?? defaultTypingMs,
  )
}

/** Takes in what another server says of a user of its own who is in the room; anything else is ignored (checklist F4). */
export async function applyTypingEdu(server: Homeserver, origin: string, content: JsonObject): Promise<void> {
  const { room_id: roomId, user_id: userId, typing } = content
  if (typeof roomId !== 'string' || typeof userId !== 'string' || typeof typing !== 'boolean') return
  if (!isUserId(userId) || domainOf(userId) !== origin) return
  const room = await server.interning.rooms.existing(server.database, roomId)
  const user = await server.interning.users.existing(server.database, userId)
  if (room === undefined || user === undefined) return
  const members = await server.rooms.members.of(room)
  if (members.local.size === 0 || members.all.get(user) !== 'join') return
  server.views.typing.set({ room, userId, typing, remote: true })
}
