/** The state before an event whose previous events are not here, as the server that sent it knows it. */
import { getStateAtEvent, getStateIdsAtEvent } from '@kith/spec/api/federation/events'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { isEventId } from '@kith/spec/ids'
import { heldEvents } from '../../../storage/event-texts.ts'
import { type StateKeyNumber, stateKeyNameOf } from '../../../storage/interning.ts'
import { storeStateRows } from '../../../storage/states.ts'
import { type EventNumber, standings } from '../../../storage/stored-event.ts'
import type { Homeserver } from '../../homeserver.ts'
import type { EditedState } from '../../rooms/state-store.ts'
import { askForEvents, fetchSingly } from './ask.ts'
import { keepOutliers } from './authority.ts'
import { Inadmissible, type Source, spendRequest, spendState } from './source.ts'

/** Beyond these it is cheaper to fetch the state whole. */
const fetchedSingly = 30
const maxBytes = 100 * 1024 * 1024
/** Of a state and its auth chain: more than any room has. */
const maxIds = 1_000_000

/** @throws RemoteError; Inadmissible for what is no state of the room, or over budget */
export async function fetchStateBefore(
  server: Homeserver,
  source: Source,
  event: RoomEvent,
): Promise<EditedState> {
  spendState(source.budget)
  const { state, chain } = await stateIds(server, source, event)
  const wanted = new Set([...state, ...chain])
  const held = new Set((await heldEvents(server.database, source.room, [...wanted])).map((e) => e.eventId))
  const missing = [...wanted].filter((id) => !held.has(id))
  if (missing.length > fetchedSingly) await fetchWhole(server, source, { event, wanted })
  else await keepOutliers(server, source, await fetchSingly(server, source, missing))
  return stateOf(server, source, state)
}

async function stateIds(
  server: Homeserver,
  source: Source,
  { roomId, eventId }: RoomEvent,
): Promise<{ state: string[]; chain: string[] }> {
  const answer = await server.federation.client.call(getStateIdsAtEvent, {
    origin: source.asker,
    destination: source.peer,
    params: { roomId },
    query: { event_id: eventId },
    timeoutMs: spendRequest(source.budget),
    maxBytes,
  })
  const { pdu_ids: state, auth_chain_ids: chain } = answer
  if (state.length + chain.length > maxIds) throw new Inadmissible('the state before it is too large')
  return { state: state.filter(isEventId), chain: chain.filter(isEventId) }
}

async function fetchWhole(
  server: Homeserver,
  source: Source,
  { event, wanted }: { event: RoomEvent; wanted: ReadonlySet<string> },
): Promise<void> {
  const events = await askForEvents(server, source, {
    contract: getStateAtEvent,
    params: { roomId: event.roomId },
    query: { event_id: event.eventId },
    members: ['auth_chain', 'pdus'],
    maxBytes,
  })
  await keepOutliers(
    server,
    source,
    events.filter(({ eventId }) => wanted.has(eventId)),
  )
}

/** Writes a state as the difference to the room's current one, to which it is usually near. */
async function stateOf(server: Homeserver, source: Source, ids: readonly string[]): Promise<EditedState> {
  const entries = new Map<StateKeyNumber, EventNumber>()
  for (const event of await heldEvents(server.database, source.room, ids)) {
    if (event.standing === standings.rejected || event.stateKey === undefined) continue
    entries.set(event.stateKey, event.number)
  }
  const create = await server.interning.stateKeys.number(server.database, stateKeyNameOf('m.room.create', ''))
  if (!entries.has(create)) throw new Inadmissible('the state before it has no create event')
  const { root, rows } = await server.states.write(await server.rooms.root(source.room), entries)
  await storeStateRows(server.database, source.room, rows)
  return { root, rows: [] }
}
