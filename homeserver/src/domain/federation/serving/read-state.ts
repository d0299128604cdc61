/** States and auth chains, whole: their cost is the room's size. Stored texts are joined, not encoded again. */
import { notFound } from '@kith/spec/errors'
import { authEventIds } from '@kith/spec/events/references'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { type EventText, eventTexts, eventTextsById } from '../../../storage/event-texts.ts'
import type { RoomNumber } from '../../../storage/interning.ts'
import type { Homeserver } from '../../homeserver.ts'
import { eventOfRoom, roomForMember } from './standing.ts'

export interface WholeState {
  state: EventText[]
  /** The authority of the state's events, and of what `also` names; those that are themselves in the state included. */
  chain: EventText[]
}

export async function wholeState(
  server: Homeserver,
  { room, root, also = [] }: { room: RoomNumber; root: NodeId; also?: readonly string[] },
): Promise<WholeState> {
  const entries = await server.states.entries(root)
  const state = await eventTexts(server.database, [...entries.values()])
  return { state, chain: await authChain(server, room, { from: state, also }) }
}

/** The auth events of some events, theirs, and so on, without those they start from unless one names them. */
export async function authChain(
  server: Homeserver,
  room: RoomNumber,
  { from, also = [] }: { from: readonly EventText[]; also?: readonly string[] },
): Promise<EventText[]> {
  const here = new Map(from.map((one) => [one.eventId, one]))
  const chain = new Map<string, EventText>()
  let open = new Set([...also, ...from.flatMap(authEventsOf)])
  while (open.size > 0) {
    const absent = [...open].filter((id) => !here.has(id))
    const loaded = await eventTextsById(server.database, room, absent)
    const level = [...loaded, ...[...open].flatMap((id) => here.get(id) ?? [])]
    for (const one of level) chain.set(one.eventId, one)
    open = new Set(level.flatMap(authEventsOf).filter((id) => !chain.has(id)))
  }
  return [...chain.values()]
}

function authEventsOf({ text }: EventText): readonly string[] {
  return authEventIds(JSON.parse(text))
}

export const joined = (texts: readonly EventText[]) => texts.map(({ text }) => text).join(',')

/** @throws M_FORBIDDEN, M_NOT_FOUND also where the state before the event is not known */
async function stateAtEvent(
  server: Homeserver,
  origin: string,
  { roomId, eventId }: { roomId: string; eventId: string },
): Promise<WholeState> {
  const known = await roomForMember(server, origin, roomId)
  const { room, rootBefore } = await eventOfRoom(server, known, eventId)
  if (rootBefore === undefined) throw notFound('the state before this event is not known here')
  return wholeState(server, { room, root: rootBefore })
}

/** The state before an event. @throws M_FORBIDDEN, M_NOT_FOUND */
export async function readState(
  server: Homeserver,
  origin: string,
  at: { roomId: string; eventId: string },
): Promise<string> {
  const { state, chain } = await stateAtEvent(server, origin, at)
  return `{"auth_chain":[${joined(chain)}],"pdus":[${joined(state)}]}`
}

/** @throws M_FORBIDDEN, M_NOT_FOUND */
export async function readStateIds(
  server: Homeserver,
  origin: string,
  at: { roomId: string; eventId: string },
): Promise<{ pdu_ids: string[]; auth_chain_ids: string[] }> {
  const { state, chain } = await stateAtEvent(server, origin, at)
  const idsOf = (texts: readonly EventText[]) => texts.map(({ eventId }) => eventId)
  return { pdu_ids: idsOf(state), auth_chain_ids: idsOf(chain) }
}

/** @throws M_FORBIDDEN, M_NOT_FOUND */
export async function readAuthChain(
  server: Homeserver,
  origin: string,
  { roomId, eventId }: { roomId: string; eventId: string },
): Promise<string> {
  const known = await roomForMember(server, origin, roomId)
  const event = await eventOfRoom(server, known, eventId)
  const chain = await authChain(server, known.room, { from: [], also: authEventIds(event.pdu) })
  return `{"auth_chain":[${joined(chain)}]}`
}
