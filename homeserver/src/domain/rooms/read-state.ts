import { forbidden, notFound } from '@kith/spec/errors'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { memberRow } from '../../storage/members.ts'
import type { StoredEvent } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { type LocalSender, roomNumber } from './send.ts'
import { fullState, stateEvent } from './state-reader.ts'

/**
 * The state of a room that a user may read: now for its members and where anybody may, else as it was when the
 * user left.
 *
 * @throws M_FORBIDDEN
 */
export async function readableRoot(server: Homeserver, reader: LocalSender, roomId: string): Promise<NodeId> {
  const room = await roomNumber(server, roomId)
  const root = await server.rooms.root(room)
  const member = await memberRow(server.database, room, reader.user)
  if (member?.membership === 'join') return root
  const visibility = await stateEvent(server, root, ['m.room.history_visibility', ''])
  if (visibility?.pdu.content.history_visibility === 'world_readable') return root
  if (member && (member.membership === 'leave' || member.membership === 'ban')) {
    const left = (await server.events.byNumber([member.event])).get(member.event)
    if (left?.rootAfter !== undefined && (await wasIn(server, left))) return left.rootAfter
  }
  throw forbidden('you are not in the room')
}

/** Whether a leave ended a join: who only declined an invite has seen nothing. */
async function wasIn(server: Homeserver, left: StoredEvent): Promise<boolean> {
  const before = await stateEvent(server, left.rootBefore ?? 0, ['m.room.member', left.pdu.state_key ?? ''])
  return before?.pdu.content.membership === 'join'
}

/** @throws M_FORBIDDEN */
export async function readState(
  server: Homeserver,
  reader: LocalSender,
  roomId: string,
): Promise<StoredEvent[]> {
  return fullState(server, await readableRoot(server, reader, roomId))
}

/** @throws M_FORBIDDEN, M_NOT_FOUND */
export async function readStateEvent(
  server: Homeserver,
  reader: LocalSender,
  { roomId, type, stateKey }: { roomId: string; type: string; stateKey: string },
): Promise<StoredEvent> {
  const event = await stateEvent(server, await readableRoot(server, reader, roomId), [type, stateKey])
  if (!event) throw notFound(`the room has no state ${type} under this key`)
  return event
}
