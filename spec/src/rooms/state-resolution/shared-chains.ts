import type { RoomEvent } from '../../events/pdu.ts'
import { authEventIds } from '../../events/references.ts'
import type { RoomVersionRules } from '../room-version.ts'
import { lookup, type NodeId, type NodeSource, type Walk } from '../state-trie.ts'
import { changesSince } from '../state-trie-changes.ts'

/** Whose entries most events rest on; their state keys are empty. */
export const powerTypes = ['m.room.create', 'm.room.power_levels', 'm.room.join_rules']

/** An event as the tries know it. */
export interface TrieEvent extends RoomEvent {
  number: number
  /** The number of the key that it sets. */
  stateKey?: number
  /** The state before the event; absent where that is not known. */
  rootBefore?: NodeId
}

/** See `Undecided`. */
export interface Candidate<E extends TrieEvent> {
  event: E
  restsOn: E
}

export interface SharedChains<E extends TrieEvent> {
  rules: RoomVersionRules
  nodes: NodeSource
  /** One of the states that are resolved. Its entries are shared but for those under a conflicted key. */
  base: NodeId
  isConflicted(key: number): boolean
  /** The keys whose entries are looked at first: those of `powerTypes`. */
  powerKeys: readonly number[]
  /** Undefined while the event is not loaded. */
  byNumber(number: number): E | undefined
  byId(id: string): E | undefined
}

/** What must be loaded before going on. What is not there then is passed over. */
export interface Wanted {
  nodes?: readonly NodeId[]
  numbers?: number[]
  ids?: string[]
}

/** It is resumed with the nodes that it wanted, if it wanted any. */
export type Search<T> = Generator<Wanted, T, NodeSource>

/**
 * Those of some events that are in the auth chain of an entry that all states share.
 *
 * An entry of the state before an event cannot rest on that event, nor on one that came after it: its ID would have to
 * cover itself. So only entries that came later are followed, as far as needed; there are few of them where branches
 * part, and most of what is older is found at once, behind the power levels or behind what took the event's own place.
 * Where the state before an event is not known, or IDs are no hashes, all entries count as later, but the first that
 * rests on it ends the search.
 */
export function* inSharedChains<E extends TrieEvent>(
  scene: SharedChains<E>,
  candidates: readonly Candidate<E>[],
): Search<Set<string>> {
  const chain = new Set<string>()
  const first = [...scene.powerKeys, ...candidates.flatMap(({ event }) => event.stateKey ?? [])]
  const shared = first.filter((key) => !scene.isConflicted(key))
  const entries = yield* loading(lookup(scene.nodes, scene.base, [...new Set(shared)]), scene.nodes)
  yield* follow(scene, [...entries.values()], chain)
  const isHash = scene.rules.eventId !== 'given'
  const befores = new Map(
    candidates.map(({ event, restsOn }) => [
      event.eventId,
      (isHash ? (restsOn.rootBefore ?? event.rootBefore) : undefined) ?? 0,
    ]),
  )
  const undecided = [...befores].filter(([id]) => !chain.has(id))
  yield* followLater(
    scene,
    undecided.filter(([, before]) => before !== 0),
    chain,
  )
  yield* followLater(
    scene,
    undecided.filter(([, before]) => before === 0),
    chain,
  )
  return new Set([...befores.keys()].filter((id) => chain.has(id)))
}

type Dated = readonly [id: string, before: NodeId]

/**
 * Until each of some events is found in the chain, or none of the entries that came later than the others is left.
 *
 * What came later than an old event is nearly all, and soon has that event in its chain. So the search begins anew
 * without what was found, each time after twice as many steps.
 */
function* followLater<E extends TrieEvent>(
  scene: SharedChains<E>,
  events: readonly Dated[],
  chain: Set<string>,
): Search<void> {
  let left = events.filter(([id]) => !chain.has(id))
  for (let parts = 1; left.length > 0; parts *= 2) {
    const befores = left.map(([, before]) => before)
    const later = changesSince(scene.nodes, befores, scene.base)
    for (let part = 0; left.length > 0 && (part < parts || left.length === befores.length); part++) {
      const found = yield* loading(later.next(), scene.nodes)
      if (found.length === 0) return
      const numbers = found.filter(({ key }) => !scene.isConflicted(key)).map(({ value }) => value)
      yield* follow(scene, numbers, chain)
      left = left.filter(([id]) => !chain.has(id))
    }
  }
}

function* loading<T>(walk: Walk<T>, source: NodeSource): Search<T> {
  let step = walk.next(source)
  while (!step.done) step = walk.next(yield { nodes: step.value })
  return step.value
}

/** Adds some entries and their auth chains. */
function* follow<E extends TrieEvent>(
  { byNumber, byId }: SharedChains<E>,
  numbers: readonly number[],
  chain: Set<string>,
): Search<void> {
  const unknown = numbers.filter((number) => byNumber(number) === undefined)
  if (unknown.length > 0) yield { numbers: unknown }
  let level = numbers.flatMap((number) => byNumber(number) ?? [])
  for (const { eventId } of level) chain.add(eventId)
  while (level.length > 0) {
    const ids = new Set(level.flatMap(({ pdu }) => authEventIds(pdu).filter((id) => !chain.has(id))))
    for (const id of ids) chain.add(id)
    const missing = [...ids].filter((id) => byId(id) === undefined)
    if (missing.length > 0) yield { ids: missing }
    level = [...ids].flatMap((id) => byId(id) ?? [])
  }
}
