import type { JsonObject } from '@kith/spec/json'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import type { StoredEvent } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { type StatePair, stateAt } from './state-reader.ts'

const shown: StatePair[] = [
  'm.room.create',
  'm.room.name',
  'm.room.avatar',
  'm.room.topic',
  'm.room.join_rules',
  'm.room.canonical_alias',
  'm.room.encryption',
].map((type) => [type, ''])

/** An event as people see it who are not in the room. Source: client-server-api, "Stripped state". */
export function stripped({ pdu }: Pick<StoredEvent, 'pdu'>): JsonObject {
  return { type: pdu.type, state_key: pdu.state_key ?? '', sender: pdu.sender, content: pdu.content }
}

/** The events that tell an invited or knocking person what the room is. */
export async function strippedEvents(
  server: Homeserver,
  root: NodeId,
  more: readonly string[] = [],
): Promise<StoredEvent[]> {
  const members = more.map((userId): StatePair => ['m.room.member', userId])
  return [...(await stateAt(server, root, [...shown, ...members])).values()]
}
