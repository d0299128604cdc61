/**
 * The state in which several branches of a room meet. Only where the branches differ is anything loaded: their
 * tries are compared, and the resolution runs over the conflict and its auth chains.
 */
import { authStateKeys } from '@kith/spec/rooms/auth/auth-events'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { MissingEvents, resolve, type StateKey, stateKeyOf } from '@kith/spec/rooms/state-resolution/resolve'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { LruMap } from '../../platform/lru-map.ts'
import { type StateKeyNumber, splitStateKeyName, stateKeyNameOf } from '../../storage/interning.ts'
import type { EventNumber, StoredEvent } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import type { EditedState } from './state-store.ts'

const resolved = new WeakMap<Homeserver, LruMap<string, EditedState>>()
const remembered = 5000

/**
 * The resolution of some states, as a root; `rows` are its new nodes, to be stored with whatever uses it.
 *
 * @throws MissingEvents when parts of the auth chains are not here
 */
export async function resolveRoots(
  server: Homeserver,
  rules: RoomVersionRules,
  roots: readonly NodeId[],
): Promise<EditedState> {
  const distinct = [...new Set(roots)].sort((a, b) => a - b)
  if (distinct.length === 0) return { root: 0, rows: [] }
  if (distinct.length === 1) return { root: distinct[0] as NodeId, rows: [] }
  const known = rememberedBy(server)
  const name = distinct.join(' ')
  const held = known.get(name)
  if (held) return held
  const state = await resolveDistinct(server, rules, distinct)
  known.set(name, state)
  return state
}

function rememberedBy(server: Homeserver): LruMap<string, EditedState> {
  const held = resolved.get(server)
  if (held) return held
  const fresh = new LruMap<string, EditedState>(remembered)
  resolved.set(server, fresh)
  return fresh
}

async function resolveDistinct(
  server: Homeserver,
  rules: RoomVersionRules,
  roots: readonly NodeId[],
): Promise<EditedState> {
  const base = roots[0] as NodeId
  const conflict = await conflictOf(server, roots)
  const names = await server.interning.stateKeys.names(server.database, [...conflict.keys])
  const events = new Map<string, StoredEvent>()
  const ids = await eventIds(server, conflict.forks, events)
  const forks = conflict.forks.map(
    (fork) =>
      new Map<StateKey, string>(
        [...fork].map(([key, number]) => [specKey(names.get(key) as string), ids.get(number) as string]),
      ),
  )
  const entries = await resolveLoading(server, { rules, forks, events, base, conflicted: conflict.keys })
  const edits = new Map<StateKeyNumber, EventNumber | undefined>()
  for (const key of conflict.keys) {
    const eventId = entries.get(specKey(names.get(key) as string))
    edits.set(key, eventId === undefined ? undefined : events.get(eventId)?.number)
  }
  return server.states.edit(base, edits)
}

const specKey = (name: string): StateKey => stateKeyOf(...splitStateKeyName(name))

interface Conflict {
  keys: Set<StateKeyNumber>
  /** Per root, its entries under those keys. */
  forks: Map<StateKeyNumber, EventNumber>[]
}

async function conflictOf(server: Homeserver, roots: readonly NodeId[]): Promise<Conflict> {
  const keys = new Set<StateKeyNumber>()
  for (const root of roots.slice(1)) {
    for (const key of (await server.states.diff(roots[0] as NodeId, root)).keys()) keys.add(key)
  }
  const forks = await Promise.all(roots.map((root) => server.states.lookup(root, [...keys])))
  return { keys, forks }
}

async function eventIds(
  server: Homeserver,
  forks: Map<StateKeyNumber, EventNumber>[],
  events: Map<string, StoredEvent>,
): Promise<Map<EventNumber, string>> {
  const found = await server.events.byNumber(new Set(forks.flatMap((fork) => [...fork.values()])))
  for (const event of found.values()) events.set(event.eventId, event)
  return new Map([...found].map(([number, event]) => [number, event.eventId]))
}

interface Loading {
  rules: RoomVersionRules
  forks: Map<StateKey, string>[]
  events: Map<string, StoredEvent>
  base: NodeId
  conflicted: Set<StateKeyNumber>
}

/** Resolves, loading what turns out to be missing, until nothing is. */
async function resolveLoading(server: Homeserver, loading: Loading): Promise<Map<StateKey, string>> {
  const { rules, forks, events } = loading
  for (;;) {
    const shared = await sharedState(server, loading)
    try {
      return resolve({
        rules,
        crypto: server.crypto,
        forks,
        shared: (key) => shared.get(key),
        event: (id) => events.get(id),
      })
    } catch (error) {
      if (!(error instanceof MissingEvents)) throw error
      const found = await server.events.byId(error.ids)
      if (found.size < error.ids.length) throw error
      for (const event of found.values()) events.set(event.eventId, event)
    }
  }
}

/** The entries outside the conflict that judging the loaded events may ask for. */
async function sharedState(
  server: Homeserver,
  { rules, events, base, conflicted }: Loading,
): Promise<Map<StateKey, string>> {
  const wanted = new Set<string>([stateKeyNameOf('m.room.create', '')])
  for (const { pdu } of events.values()) {
    for (const pair of authStateKeys(pdu, rules)) wanted.add(stateKeyNameOf(...pair))
  }
  const numbers = await server.interning.stateKeys.find(server.database, [...wanted])
  const asked = [...numbers].filter(([, number]) => !conflicted.has(number))
  const entries = await server.states.lookup(
    base,
    asked.map(([, number]) => number),
  )
  const found = await server.events.byNumber(entries.values())
  const shared = new Map<StateKey, string>()
  for (const [name, number] of asked) {
    const event = found.get(entries.get(number) ?? 0)
    if (!event) continue
    shared.set(specKey(name), event.eventId)
    events.set(event.eventId, event)
  }
  return shared
}
