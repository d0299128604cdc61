/** What a resolution works on, loaded: the events in conflict, their auth chains, and the entries they share. */
import { authEventIds } from '@kith/spec/events/references'
import { authStateKeys } from '@kith/spec/rooms/auth/auth-events'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { type StateKey, stateKeyOf } from '@kith/spec/rooms/state-resolution/resolve'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { type StateKeyNumber, splitStateKeyName, stateKeyNameOf } from '../../storage/interning.ts'
import type { EventNumber, StoredEvent } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'

export interface Material {
  rules: RoomVersionRules
  /** One of the states. */
  base: NodeId
  /** The keys on which the states differ, with their numbers. */
  conflicted: Map<StateKey, StateKeyNumber>
  /** Per state, its entries under those keys. */
  forks: Map<StateKey, string>[]
  /** Events by id, as far as they have been loaded. */
  events: Map<string, StoredEvent>
}

interface Conflict {
  rules: RoomVersionRules
  base: NodeId
  keys: ReadonlySet<StateKeyNumber>
  forks: readonly Map<StateKeyNumber, EventNumber>[]
}

export async function materialOf(
  server: Homeserver,
  { rules, base, keys, forks }: Conflict,
): Promise<Material> {
  const names = await server.interning.stateKeys.names(server.database, [...keys])
  const specKey = (key: StateKeyNumber) => stateKeyOf(...splitStateKeyName(names.get(key) as string))
  const found = await server.events.byNumber(new Set(forks.flatMap((fork) => [...fork.values()])))
  const idOf = (number: EventNumber) => (found.get(number) as StoredEvent).eventId
  return {
    rules,
    base,
    conflicted: new Map([...keys].map((key) => [specKey(key), key])),
    forks: forks.map((fork) => new Map([...fork].map(([key, number]) => [specKey(key), idOf(number)]))),
    events: new Map([...found.values()].map((event) => [event.eventId, event])),
  }
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
    const found = await server.events.byId(ids)
    for (const event of found.values()) events.set(event.eventId, event)
    level = [...found.values()]
  }
}

/** The entries outside the conflict that the resolution may ask for: what judges the loaded events, and they themselves. */
export async function sharedEntries(
  server: Homeserver,
  { rules, events, base, conflicted }: Material,
): Promise<Map<StateKey, string>> {
  const wanted = new Set<string>([stateKeyNameOf('m.room.create', '')])
  for (const { pdu } of events.values()) {
    wanted.add(stateKeyNameOf(pdu.type, pdu.state_key ?? ''))
    for (const pair of authStateKeys(pdu, rules)) wanted.add(stateKeyNameOf(...pair))
  }
  const numbers = await server.interning.stateKeys.find(server.database, [...wanted])
  const inConflict = new Set(conflicted.values())
  const asked = [...numbers].filter(([, number]) => !inConflict.has(number))
  const entries = await server.states.lookup(
    base,
    asked.map(([, number]) => number),
  )
  const found = await server.events.byNumber(entries.values())
  const shared = new Map<StateKey, string>()
  for (const [name, number] of asked) {
    const event = found.get(entries.get(number) ?? 0)
    if (!event) continue
    shared.set(stateKeyOf(...splitStateKeyName(name)), event.eventId)
    events.set(event.eventId, event)
  }
  return shared
}

/** The auth chains of all entries outside the conflict. Rarely needed; it costs the size of the room. */
export async function chainOfShared(
  server: Homeserver,
  { base, conflicted }: Material,
): Promise<Set<string>> {
  const inConflict = new Set(conflicted.values())
  const entries = [...(await server.states.entries(base))].filter(([key]) => !inConflict.has(key))
  const chain = new Set<string>()
  let level = [...(await server.events.byNumber(entries.map(([, number]) => number))).values()]
  while (level.length > 0) {
    const ids = new Set(level.flatMap((event) => authEventIds(event.pdu)).filter((id) => !chain.has(id)))
    for (const id of ids) chain.add(id)
    level = [...(await server.events.byId(ids)).values()]
  }
  return chain
}
