import type { RoomEvent } from '../../events/pdu.ts'
import { authChainDifference, authChains, conflictedSubgraph } from './auth-chains.ts'
import { PartialState } from './iterative-auth.ts'
import { mainlineOrder } from './mainline.ts'
import { NumberedEvents, none } from './numbered-events.ts'
import { isPowerEvent, powerOrder, withChainsInside } from './power-order.ts'
import { type Separated, separate } from './separate.ts'
import type { Begun, Conflict, Undecided } from './source.ts'

interface Scene {
  input: Conflict
  events: NumberedEvents
  separated: Separated
  shared(key: number): number
}

/**
 * State resolution of versions 2 and 2.1.
 *
 * Source: room version 2 (version 12 for v2.1), "State resolution", "Algorithm".
 */
export function beginSecond(input: Conflict): Begun {
  const events = new NumberedEvents(input)
  const separated = separate(events, input.forks, { absenceDiffers: true })
  const scene = { input, events, separated, shared: sharedEntries(input, events, separated) }
  const { full, difference, doubtful } = conflictedSets(scene)
  return {
    undecided: undecidedOf(events, difference, doubtful),
    finish(common) {
      const inDoubt = doubtful.filter((number) => !common.has(events.id(number)))
      return eventsOf(events, resolveSet(scene, [...full, ...inDoubt]))
    },
  }
}

function undecidedOf(
  events: NumberedEvents,
  difference: readonly number[],
  doubtful: readonly number[],
): Undecided[] {
  const oldest = oldestBehind(events, difference)
  return doubtful.flatMap((number): Undecided[] => {
    const [event, restsOn] = [events.event(number), events.event(oldest[number] as number)]
    return event && restsOn ? [{ event, restsOn }] : []
  })
}

/** What is behind an event of the difference and not in it is in all chains, and so is all behind that. */
function oldestBehind(events: NumberedEvents, difference: readonly number[]): Int32Array {
  const oldest = new Int32Array(events.size).fill(none)
  for (const number of difference.toReversed()) {
    const next = events.authEvents(number).find((named) => oldest[named] !== none)
    oldest[number] = next === undefined ? number : (oldest[next] as number)
  }
  return oldest
}

function eventsOf(events: NumberedEvents, numbers: readonly number[]): RoomEvent[] {
  return numbers.map((number) => events.event(number)).filter((event) => event !== undefined)
}

/** @param full the full conflicted set */
function resolveSet({ input, events, separated, shared }: Scene, full: readonly number[]): number[] {
  const { rules, crypto } = input
  // 1
  const powerEvents = full.filter((number) => {
    const event = events.event(number)
    return event !== undefined && isPowerEvent(event)
  })
  const first = withChainsInside(events, powerEvents, flagsOf(events, full))
  const startsEmpty = rules.stateResolution === 'v2.1'
  const state = new PartialState({ rules, crypto, events, entry: startsEmpty ? () => none : shared })
  state.apply(powerOrder(events, first, rules)) // 2

  // 3
  const isFirst = flagsOf(events, first)
  const rest = full.filter((number) => !isFirst[number])
  state.apply(mainlineOrder(events, rest, state.at(events.levelsKey))) // 4

  // 5
  const resolved = [...separated.agreed]
  for (const key of state.changed) {
    if (shared(key) === none) resolved.push(state.at(key))
  }
  return resolved
}

/** The entry that all forks share under a key, or `none`; asked for once per key. */
function sharedEntries(
  input: Conflict,
  events: NumberedEvents,
  { agreed, keys }: Separated,
): (key: number) => number {
  const known: (number | undefined)[] = []
  for (const key of keys) known[key] = none
  for (const number of agreed) known[events.key(number)] = number
  return (key) => {
    const entry = known[key]
    if (entry !== undefined) return entry
    const { type, stateKey } = events.keyName(key)
    const id = input.shared(type, stateKey)
    const found = id === undefined ? none : events.number(id)
    known[key] = found
    return found
  }
}

interface Sets {
  full: readonly number[]
  /** Newest first. */
  difference: readonly number[]
  doubtful: readonly number[]
}

/**
 * The full conflicted set, and what else is in it unless the chain of a shared entry has it.
 *
 * Source: room versions 2 and 12, "Full conflicted set".
 */
function conflictedSets({ input, events, separated, shared }: Scene): Sets {
  const { forks } = separated
  const conflicted = distinctEntries(events, forks)
  const isShared = (number: number) => {
    const key = events.key(number)
    return key !== none && shared(key) === number
  }
  const hasSubgraph = input.rules.stateResolution === 'v2.1'
  const order = authChains(events, conflicted, hasSubgraph ? undefined : isShared)
  const full = hasSubgraph ? conflictedSubgraph(events, order, conflicted) : conflicted
  const isInside = flagsOf(events, full)
  const difference = authChainDifference(events, order, { forks, isShared })
  events.check()
  return { full, difference, doubtful: difference.filter((number) => !isInside[number]) }
}

function distinctEntries(events: NumberedEvents, forks: readonly Int32Array[]): number[] {
  const isFound = new Uint8Array(events.size)
  const found: number[] = []
  for (const fork of forks) {
    for (const number of fork) {
      if (number === none || isFound[number]) continue
      isFound[number] = 1
      found.push(number)
    }
  }
  return found
}

function flagsOf(events: NumberedEvents, numbers: readonly number[]): Uint8Array {
  const flags = new Uint8Array(events.size)
  for (const number of numbers) flags[number] = 1
  return flags
}
