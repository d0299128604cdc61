/**
 * The state in which several branches of a room meet. Only where the branches differ is anything loaded: their
 * tries are compared, and the resolution runs over the conflict and its auth chains.
 */
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { beginResolution, MissingEvents } from '@kith/spec/rooms/state-resolution/resolve'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { LruMap } from '../../platform/lru-map.ts'
import { type StateKeyNumber, stateKeyNameOf } from '../../storage/interning.ts'
import { type EventNumber, type StoredEvent, standings } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { load, loadChains, type Material, materialOf, sharedEntries } from './resolution-material.ts'
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
  const { rules, forks, events } = material
  for (;;) {
    await loadChains(server, events)
    const shared = await sharedEntries(server, material)
    try {
      const { undecided, finish } = beginResolution({
        rules,
        crypto: server.crypto,
        forks,
        shared: (type, stateKey) => shared.get(stateKeyNameOf(type, stateKey)),
        event: (id) => events.get(id),
        isRejected: (id) => events.get(id)?.standing === standings.rejected,
      })
      const entries = finish(await commonAmong(server, material, undecided))
      return entries.flatMap(({ eventId }) => events.get(eventId) ?? [])
    } catch (error) {
      if (!(error instanceof MissingEvents)) throw error
      if (!(await load(server, events, error.ids))) throw error
    }
  }
}

type Edits = Map<StateKeyNumber, EventNumber | undefined>

/** What makes the resolved state of one of the states: of the one from which it differs least. */
function fewestEdits(
  { roots, keys, forks }: Material,
  entries: readonly StoredEvent[],
): { root: NodeId; edits: Edits } {
  const wanted: Edits = new Map(keys.map((key) => [key, undefined]))
  for (const { stateKey, number } of entries) if (stateKey !== undefined) wanted.set(stateKey, number)
  const columns = new Map(keys.map((key, column) => [key, column]))
  const all = forks.map(
    (fork): Edits =>
      new Map([...wanted].filter(([key, number]) => fork[columns.get(key) ?? -1]?.number !== number)),
  )
  const sizes = all.map(({ size }) => size)
  const index = sizes.indexOf(Math.min(...sizes))
  return { root: roots[index] as NodeId, edits: all[index] as Edits }
}
