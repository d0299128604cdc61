/** The auth rules, asked about an event and a state. The answers are reasons for refusing, or undefined. */
import type { RoomEvent } from '@kith/spec/events/pdu'
import { authEventIds } from '@kith/spec/events/references'
import { authorizeAuthEvents, authStateKeys } from '@kith/spec/rooms/auth/auth-events'
import { authorize } from '@kith/spec/rooms/auth/authorize'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { standings } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import type { Head } from './head.ts'
import { PartialState, stateAt } from './state-reader.ts'

/** Judges an event by the events it names as its authority. */
export async function authorizeByAuthEvents(
  server: Homeserver,
  rules: RoomVersionRules,
  event: RoomEvent,
): Promise<string | undefined> {
  const named = await server.events.byId(authEventIds(event.pdu))
  if (named.size < new Set(authEventIds(event.pdu)).size) return 'some of its auth events are unknown'
  const authEvents = [...named.values()]
  const rejected = authEvents.find((one) => one.standing === standings.rejected)
  if (rejected) return `its auth event ${rejected.eventId} was rejected`
  const verdict = authorizeAuthEvents(event, authEvents, rules)
  if (!verdict.allowed) return verdict.reason
  const state = new PartialState()
  for (const one of authEvents) state.set(one.pdu.type, one.pdu.state_key ?? '', one)
  if (!rules.createInAuthEvents) await addCreate(server, event, state)
  const judged = authorize(event, state, { rules, crypto: server.crypto })
  return judged.allowed ? undefined : judged.reason
}

/** Where the create event is not named, the room's id names it. */
async function addCreate(server: Homeserver, event: RoomEvent, state: PartialState): Promise<void> {
  const create = await server.events.one(`$${event.roomId.slice(1)}`)
  if (create) state.set('m.room.create', '', create)
}

/** Judges an event by a state of its room. */
export async function authorizeByState(
  server: Homeserver,
  { head, event, root }: { head: Pick<Head, 'rules'>; event: RoomEvent; root: NodeId },
): Promise<string | undefined> {
  const state = await stateAt(server, root, [...authStateKeys(event.pdu, head.rules), ['m.room.create', '']])
  const verdict = authorize(event, state, { rules: head.rules, crypto: server.crypto })
  return verdict.allowed ? undefined : verdict.reason
}
