/** What a resolution works on, loaded: the events in conflict, their auth chains, and the entries they share. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { authEventIds } from '@kith/spec/events/references'
import { authStateKeys } from '@kith/spec/rooms/auth/auth-events'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { type StateKey, stateKeyOf } from '@kith/spec/rooms/state-resolution/resolve'
import { inColumns, type TrieForks } from '@kith/spec/rooms/state-resolution/trie-forks'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { type StateKeyNumber, splitStateKeyName, stateKeyNameOf } from '../../storage/interning.ts'
import type { EventNumber, StoredEvent } from '../../storage/stored-event.ts'
import { batches } from '../batches.ts'
import type { Homeserver } from '../homeserver.ts'

export interface Material {
  rules: RoomVersionRules
  roots: readonly NodeId[]
  /** The keys on which the states differ, with their columns. */
  keys: ReadonlyMap<StateKeyNumber, number>
  /** Per state, its entries under those keys, undefined where it has none. */
  forks: (StoredEvent | undefined)[][]
  /** How many distinct entries there are. */
  inConflict: number
  /** Events by id, as far as they have been loaded. */
  events: Map<string, StoredEvent>
}

/** Loaded at once: reading them takes some 10 ms, between which others get their turn. */
const eventsAtOnce = 500

export async function materialOf(
  server: Homeserver,
  rules: RoomVersionRules,
  roots: readonly NodeId[],
): Promise<Material> {
  const { keys, forks } = await forksOf(server, roots)
  const numbers = new Set(forks.flat().filter((number) => number !== undefined))
  const found = await eventsByNumber(server, numbers)
  if (found.size < numbers.size) throw new Error('events of a state are missing')
  const held: Material['forks'] = []
  for (const fork of forks) {
    held.push(fork.map((number) => (number === undefined ? undefined : found.get(number))))
    await nextTurn()
  }
  return {
    rules,
    roots,
    keys: new Map(keys.map((key, column) => [key, column])),
    forks: held,
    inConflict: found.size,
    events: new Map([...found.values()].map((event) => [event.eventId, event])),
  }
}

/** Compares one state after the other, between which others get their turn. */
async function forksOf(server: Homeserver, roots: readonly NodeId[]): Promise<TrieForks> {
  const [base = 0, ...others] = roots
  const differences = []
  for (const root of others) {
    differences.push(await server.states.diff(base, root))
    await nextTurn()
  }
  return inColumns(differences)
}

async function eventsByNumber(
  server: Homeserver,
  numbers: Iterable<EventNumber>,
): Promise<Map<EventNumber, StoredEvent>> {
  const found = new Map<EventNumber, StoredEvent>()
  for (const part of batches(numbers, eventsAtOnce)) {
    for (const [number, event] of await server.events.byNumber(part)) found.set(number, event)
  }
  return found
}

/** Adds events by id. @returns false if some of them are not here */
export async function load(
  server: Homeserver,
  events: Map<string, StoredEvent>,
  ids: readonly string[],
): Promise<boolean> {
  const found = await server.events.byId(ids)
  for (const event of found.values()) events.set(event.eventId, event)
  return found.size === new Set(ids).size
}

/** Adds the auth chains of all loaded events, a level at a time, as far as they are here. */
export async function loadChains(server: Homeserver, events: Map<string, StoredEvent>): Promise<void> {
  let level = [...events.values()]
  while (level.length > 0) {
    const ids = new Set(level.flatMap((event) => authEventIds(event.pdu)).filter((id) => !events.has(id)))
    level = []
    for (const part of batches(ids, eventsAtOnce)) level.push(...(await server.events.byId(part)).values())
    for (const event of level) events.set(event.eventId, event)
  }
}

/**
 * The entries outside the conflict that the resolution may ask for: what judges the loaded events, and they themselves.
 */
export async function sharedEntries(
  server: Homeserver,
  { rules, events, roots, keys }: Material,
): Promise<Map<StateKey, string>> {
  const wanted = new Set<string>([stateKeyNameOf('m.room.create', '')])
  for (const { pdu } of events.values()) {
    wanted.add(stateKeyNameOf(pdu.type, pdu.state_key ?? ''))
    for (const pair of authStateKeys(pdu, rules)) wanted.add(stateKeyNameOf(...pair))
  }
  const numbers = await server.interning.stateKeys.find(server.database, [...wanted])
  const asked = [...numbers].filter(([, number]) => !keys.has(number))
  const entries = await server.states.lookup(
    roots[0] as NodeId,
    asked.map(([, number]) => number),
  )
  const found = await eventsByNumber(server, new Set(entries.values()))
  const shared = new Map<StateKey, string>()
  for (const [name, number] of asked) {
    const event = found.get(entries.get(number) ?? 0)
    if (!event) continue
    shared.set(stateKeyOf(...splitStateKeyName(name)), event.eventId)
    events.set(event.eventId, event)
  }
  return shared
}
