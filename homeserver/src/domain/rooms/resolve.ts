/**
 * The state in which several branches of a room meet. Only where the branches differ is anything loaded: their
 * tries are compared, and the resolution runs over the conflict and its auth chains.
 */
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import {
  MissingEvents,
  resolve,
  type StateKey,
  splitStateKey,
} from '@kith/spec/rooms/state-resolution/resolve'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { LruMap } from '../../platform/lru-map.ts'
import { type StateKeyNumber, stateKeyNameOf } from '../../storage/interning.ts'
import { type EventNumber, standings } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import {
  chainOfShared,
  load,
  loadChains,
  type Material,
  materialOf,
  sharedEntries,
} from './resolution-material.ts'
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
  const keys = new Set<StateKeyNumber>()
  for (const root of roots.slice(1)) {
    for (const key of (await server.states.diff(base, root)).keys()) keys.add(key)
  }
  const forks = await Promise.all(roots.map((root) => server.states.lookup(root, [...keys])))
  const material = await materialOf(server, { rules, base, keys, forks })
  const entries = await resolveLoading(server, material)
  const edits = await editsFor(server, material, entries)
  return server.states.edit(nearest(roots, forks, edits), edits)
}

/** The state that the edits change least. They say all on which the states differ, so any would do. */
function nearest(
  roots: readonly NodeId[],
  forks: readonly ReadonlyMap<StateKeyNumber, EventNumber>[],
  edits: ReadonlyMap<StateKeyNumber, EventNumber | undefined>,
): NodeId {
  const changes = forks.map((fork) => [...edits].filter(([key, number]) => fork.get(key) !== number).length)
  return roots[changes.indexOf(Math.min(...changes))] as NodeId
}

/** Resolves, loading what turns out to be missing, until nothing is. */
async function resolveLoading(server: Homeserver, material: Material): Promise<Map<StateKey, string>> {
  const { rules, forks, events } = material
  let sharedChain: ReadonlySet<string> | undefined
  for (;;) {
    await loadChains(server, events)
    const shared = await sharedEntries(server, material)
    try {
      return resolve({
        rules,
        crypto: server.crypto,
        forks,
        shared: (key) => shared.get(key),
        event: (id) => events.get(id),
        isRejected: (id) => events.get(id)?.standing === standings.rejected,
        inSharedChain: (id) => sharedChain?.has(id),
      })
    } catch (error) {
      if (!(error instanceof MissingEvents)) throw error
      if (error.undecided.length > 0) sharedChain = await chainOfShared(server, material)
      else if (!(await load(server, events, error.ids))) throw error
    }
  }
}

/** What the resolution changes of the first state. It may bring entries that no fork has. */
async function editsFor(
  server: Homeserver,
  { conflicted, events }: Material,
  entries: ReadonlyMap<StateKey, string>,
): Promise<Map<StateKeyNumber, EventNumber | undefined>> {
  const edits = new Map<StateKeyNumber, EventNumber | undefined>()
  for (const key of conflicted.values()) edits.set(key, undefined)
  for (const [key, eventId] of entries) {
    const name = stateKeyNameOf(...splitStateKey(key))
    const number = conflicted.get(key) ?? (await server.interning.stateKeys.number(server.database, name))
    edits.set(number, events.get(eventId)?.number)
  }
  return edits
}
