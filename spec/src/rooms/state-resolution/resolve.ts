import type { RoomEvent } from '../../events/pdu.ts'
import type { AuthState } from '../auth/auth-state.ts'
import { authorize } from '../auth/authorize.ts'
import { type StateKey, stateKeyOf } from '../state-key.ts'
import { authChainDifference, conflictedSubgraph } from './auth-chains.ts'
import { mainlineOrder } from './mainline.ts'
import { createOf, isPowerEvent, powerOrder, withChainsInside } from './power-order.ts'
import {
  authEventAt,
  type EventSource,
  eventSource,
  keyOfEvent,
  MissingEvents,
  type Resolution,
} from './source.ts'

export { type StateKey, splitStateKey, stateKeyOf } from '../state-key.ts'
export { authChainDifference } from './auth-chains.ts'
export { MissingEvents, type Resolution } from './source.ts'

/**
 * The state in which forks meet: its entries under the keys on which they differ.
 *
 * A key that no fork has appears as well if an event of the auth difference turns out to be allowed. Throws
 * MissingEvents; call again with what it names. The order of the forks and of their entries does not matter.
 * Source: room version 2 (version 12 for v2.1), "State resolution", "Algorithm".
 */
export function resolve(input: Resolution): Map<StateKey, string> {
  const { agreed, conflicted, forks } = separate(input.forks)
  if (conflicted.size === 0) return agreed
  const shared = (key: StateKey) => agreed.get(key) ?? (conflicted.has(key) ? undefined : input.shared(key))
  const source = eventSource(input)
  const fullSet = fullConflictedSet({ ...input, forks, shared }, source)

  // 1
  const powerEvents = eventsOf(fullSet, source).filter(isPowerEvent)
  const first = withChainsInside(
    powerEvents.map((event) => event.eventId),
    fullSet,
    source,
  )
  const state = partialState({ ...input, shared }, source)
  state.apply(powerOrder(first, input.rules, source)) // 2

  // 3
  const rest = eventsOf(fullSet, source).filter((event) => !first.has(event.eventId))
  const levels = state.get('m.room.power_levels', '')
  state.apply(mainlineOrder(rest, levels, source)) // 4

  // 5
  for (const [key, id] of state.changed) if (shared(key) === undefined) agreed.set(key, id)
  return agreed
}

/** Moves entries that all forks have alike out of the conflict, which callers that compare in pairs may leave in. */
function separate(forks: Resolution['forks']) {
  const agreed = new Map<StateKey, string>()
  const conflicted = new Set<StateKey>()
  for (const fork of forks) {
    for (const [key, id] of fork) {
      if (agreed.has(key) || conflicted.has(key)) continue
      if (forks.every((other) => other.get(key) === id)) agreed.set(key, id)
      else conflicted.add(key)
    }
  }
  const own = forks.map((fork) => new Map([...fork].filter(([key]) => conflicted.has(key))))
  return { agreed, conflicted, forks: own }
}

/** Source: room versions 2 and 12, "Full conflicted set". */
function fullConflictedSet(
  { rules, forks, shared, inSharedChain }: Resolution,
  source: EventSource,
): Set<string> {
  const conflicted = new Set(forks.flatMap((fork) => [...fork.values()]))
  const isShared = (id: string) => {
    const event = source.get(id)
    return event !== undefined && shared(keyOfEvent(event)) === id
  }
  const difference = authChainDifference({ forks: forks.map((fork) => fork.values()), source, isShared })
  const full = new Set(conflicted)
  const undecided: string[] = []
  for (const id of difference) {
    const isCommon = full.has(id) || !inSharedChain ? false : inSharedChain(id)
    if (isCommon === undefined) undecided.push(id)
    else if (!isCommon) full.add(id)
  }
  if (undecided.length > 0) throw new MissingEvents([], undecided)
  return rules.stateResolution === 'v2.1' ? full.union(conflictedSubgraph(conflicted, source)) : full
}

function eventsOf(ids: Iterable<string>, source: EventSource): RoomEvent[] {
  const events = [...ids].map((id) => source.get(id)).filter((event) => event !== undefined)
  source.check()
  return events
}

interface PartialState extends AuthState {
  /** The entries that the events put there. */
  changed: ReadonlyMap<StateKey, string>
  apply(events: readonly RoomEvent[]): void
}

/**
 * A state that takes up the events allowed by what it has become so far. It starts from the entries that all forks
 * share, or empty in v2.1. Source: room version 2, "State resolution", "Iterative auth checks".
 */
function partialState(input: Resolution, source: EventSource): PartialState {
  const { rules, crypto } = input
  const changed = new Map<StateKey, string>()
  const isRejected = (id: string) => input.isRejected?.(id) ?? false
  const startsEmpty = rules.stateResolution === 'v2.1'
  const get = (type: string, stateKey: string) => {
    const key = stateKeyOf(type, stateKey)
    const id = changed.get(key) ?? (startsEmpty ? undefined : input.shared(key))
    return id === undefined ? undefined : source.get(id)
  }
  const stateFor = (event: RoomEvent): AuthState => ({
    get(type, stateKey) {
      const entry = get(type, stateKey)
      if (entry && !isRejected(entry.eventId)) return entry
      if (type === 'm.room.create') return createOf(event, rules, source)
      const own = authEventAt(event, [type, stateKey], source)
      return own && !isRejected(own.eventId) ? own : undefined
    },
  })
  const apply = (events: readonly RoomEvent[]) => {
    for (const event of events) {
      const { allowed } = authorize(event, stateFor(event), { rules, crypto })
      if (allowed) changed.set(keyOfEvent(event), event.eventId)
    }
    source.check()
  }
  return { changed, get, apply }
}
