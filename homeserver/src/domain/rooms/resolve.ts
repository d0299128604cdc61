/**
 * The state in which several branches of a room meet. Only where the branches differ is anything loaded: their
 * tries are compared, and the resolution runs over the conflict and its auth chains.
 */
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import {
  beginResolution,
  MissingEvents,
  type StateKey,
  stateKeyOf,
  type Undecided,
} from '@kith/spec/rooms/state-resolution/resolve'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { LruMap } from '../../platform/lru-map.ts'
import type { StateKeyNumber } from '../../storage/interning.ts'
import { type EventNumber, type StoredEvent, standings } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { load, loadChains, type Material, materialOf, sharedEntries } from './resolution-material.ts'
import { resolveInWorker } from './resolve-in-worker.ts'
import { commonAmong } from './shared-chains.ts'
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
  const material = await materialOf(server, rules, roots)
  const entries = await resolveLoading(server, material)
  const { root, edits } = fewestEdits(material, entries)
  return server.states.edit(root, edits)
}

/** Resolves, loading what turns out to be missing, until nothing is. */
async function resolveLoading(server: Homeserver, material: Material): Promise<StoredEvent[]> {
  for (;;) {
    await loadChains(server, material.events)
    const shared = await sharedEntries(server, material)
    try {
      return await resolveHeld(server, material, shared)
    } catch (error) {
      if (!(error instanceof MissingEvents)) throw error
      if (!(await load(server, material.events, error.ids))) throw error
    }
  }
}

/** With more events in conflict than this, others would wait too long. */
const mostInThisThread = 500

async function resolveHeld(
  server: Homeserver,
  material: Material,
  shared: Map<StateKey, string>,
): Promise<StoredEvent[]> {
  const { rules, forks, events, inConflict } = material
  const decide = (undecided: readonly Undecided[]) => commonAmong(server, material, undecided)
  const isRejected = ({ standing }: StoredEvent) => standing === standings.rejected
  if (inConflict > mostInThisThread) {
    return resolveInWorker({ rules, forks, events, shared, isRejected }, decide)
  }
  const { undecided, finish } = beginResolution({
    rules,
    crypto: server.crypto,
    forks,
    shared: (type, stateKey) => shared.get(stateKeyOf(type, stateKey)),
    event: (id) => events.get(id),
    isRejected: (id) => events.get(id)?.standing === standings.rejected,
  })
  const entries = finish(await decide(undecided))
  return entries.flatMap(({ eventId }) => events.get(eventId) ?? [])
}

type Edits = Map<StateKeyNumber, EventNumber | undefined>

/** What makes the resolved state of one of the states: of the one from which it differs least. */
function fewestEdits(
  { roots, keys, forks }: Material,
  entries: readonly StoredEvent[],
): { root: NodeId; edits: Edits } {
  const wanted = new Map(entries.map(({ stateKey, number }) => [stateKey, number]))
  const inNone = entries.filter(({ stateKey }) => stateKey !== undefined && !keys.has(stateKey))
  const own = [...keys.keys()].map((key) => wanted.get(key))
  const counts = forks.map((fork) =>
    own.reduce<number>((n, number, at) => (fork[at]?.number === number ? n : n + 1), 0),
  )
  const index = counts.indexOf(Math.min(...counts))
  const fork = forks[index] ?? []
  const edits: Edits = new Map(inNone.map(({ stateKey, number }) => [stateKey as StateKeyNumber, number]))
  for (const [key, at] of keys) if (fork[at]?.number !== own[at]) edits.set(key, own[at])
  return { root: roots[index] as NodeId, edits }
}
