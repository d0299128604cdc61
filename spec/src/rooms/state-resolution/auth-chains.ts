import { type NumberedEvents, none } from './numbered-events.ts'

/**
 * Events and all that they lead to by auth events, each before those that it names.
 *
 * @param stop says beyond which events not to go; they are in the result themselves
 */
export function authChains(
  events: NumberedEvents,
  starts: Iterable<number>,
  stop: (number: number) => boolean = () => false,
): number[] {
  const { found, namedBy } = reach(events, starts, stop)
  const order = found.filter((number) => namedBy[number] === 0)
  for (const number of order) {
    for (const named of events.authEvents(number)) {
      const left = namedBy[named]
      if (left === undefined) continue
      namedBy[named] = left - 1
      if (left === 1) order.push(named)
    }
  }
  return order
}

/** What can be reached, and, by number, how many of that name each; undefined for what is not reached. */
function reach(events: NumberedEvents, starts: Iterable<number>, stop: (number: number) => boolean) {
  const found: number[] = []
  const namedBy: (number | undefined)[] = []
  const stops: number[] = []
  const add = (number: number, times: number) => {
    const known = namedBy[number]
    if (known === undefined) found.push(number)
    namedBy[number] = (known ?? 0) + times
  }
  for (const start of starts) if (start !== none) add(start, 0)
  for (const number of found) {
    if (stop(number)) stops.push(number)
    else for (const named of events.authEvents(number)) add(named, 1)
  }
  events.check()
  for (const number of stops) {
    for (const named of events.authEvents(number)) if (namedBy[named] !== undefined) add(named, 1)
  }
  return { found, namedBy }
}

/** The conflicted entries of each fork, `none` where it has none, and how to tell what is common to all of them. */
export interface Forks {
  forks: readonly Int32Array[]
  /** Whether an event is itself an entry that all forks share: what is behind it is in every chain. */
  isShared(number: number): boolean
}

/**
 * The events that are in the auth chain of some, but not of all forks. A fork's own entries count as part of its chain,
 * as they do in other servers; since they are conflicted, they are in the full conflicted set either way.
 *
 * Events in the chain of a shared entry that `order` does not pass are not recognized as common here. All forks are
 * followed at once, a bit for each, so that an event costs the same however many of them lead to it.
 * Source: room version 2, "State resolution", "Auth difference".
 */
export function authChainDifference(
  events: NumberedEvents,
  order: readonly number[],
  { forks, isShared }: Forks,
): number[] {
  const words = Math.ceil(forks.length / 32)
  const full = new Uint32Array(words).fill(0xffffffff)
  if (forks.length % 32 > 0) full[words - 1] = 2 ** (forks.length % 32) - 1
  const bits = new Uint32Array(events.size * words)
  forks.forEach((fork, index) => {
    for (const number of fork) {
      if (number !== none) setBit(bits, number * words + (index >> 5), index & 31)
    }
  })
  const difference: number[] = []
  for (const number of order) {
    const from = number * words
    if (isShared(number)) bits.set(full, from)
    else if (!isFull(bits, from, full)) difference.push(number)
    for (const named of events.authEvents(number)) {
      for (let word = 0; word < words; word++) {
        const to = named * words + word
        if (to < bits.length) bits[to] = at(bits, to) | at(bits, from + word)
      }
    }
  }
  return difference
}

function setBit(bits: Uint32Array, word: number, bit: number): void {
  bits[word] = at(bits, word) | (1 << bit)
}

function isFull(bits: Uint32Array, from: number, full: Uint32Array): boolean {
  for (let word = 0; word < full.length; word++) if (bits[from + word] !== full[word]) return false
  return true
}

/**
 * All events on the paths, by auth events, from a conflicted event to a conflicted event, both included.
 *
 * @param order the auth chains of the conflicted events, whole
 * Source: room version 12, "State resolution", "Conflicted state subgraph".
 */
export function conflictedSubgraph(
  events: NumberedEvents,
  order: readonly number[],
  conflicted: readonly number[],
): number[] {
  const leads = new Uint8Array(events.size)
  for (const number of conflicted) leads[number] = 1
  const subgraph: number[] = []
  for (let index = order.length - 1; index >= 0; index--) {
    const number = at(order, index)
    if (leads[number] || events.authEvents(number).some((named) => leads[named] === 1)) {
      leads[number] = 1
      subgraph.push(number)
    }
  }
  return subgraph
}

function at(numbers: ArrayLike<number>, index: number): number {
  return numbers[index] as number
}
