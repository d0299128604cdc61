import type { EventSource } from './source.ts'

/** A state's conflicted entries, and how to tell that an event is common to all the states anyway. */
export interface Difference {
  forks: readonly Iterable<string>[]
  source: EventSource
  /** Whether an event is itself an entry that all forks share: what is behind it is in every chain. */
  isShared(id: string): boolean
}

/**
 * The events that are in the auth chain of some, but not of all forks. A fork's own entries count as part of its chain,
 * as they do in other servers; since they are conflicted, they are in the full conflicted set either way.
 *
 * Events in the chain of a shared entry that no walk passes through are not recognized as common here.
 * Source: room version 2, "State resolution", "Auth difference".
 */
export function authChainDifference({ forks, source, isShared }: Difference): Set<string> {
  const seenBy = new Map<string, number>()
  for (const fork of forks) {
    for (const id of walk(fork, source, isShared)) seenBy.set(id, (seenBy.get(id) ?? 0) + 1)
  }
  source.check()
  return new Set([...seenBy].filter(([, count]) => count < forks.length).map(([id]) => id))
}

/** These events and all that their auth events lead to, up to where `stop` says. */
function walk(start: Iterable<string>, source: EventSource, stop: (id: string) => boolean): Set<string> {
  const seen = new Set<string>()
  const open = [...start]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id) || stop(id)) continue
    seen.add(id)
    for (const next of source.authEventIds(id)) if (!seen.has(next)) open.push(next)
  }
  return seen
}

/** The auth chains of some events, with the events themselves. */
export function authChain(start: Iterable<string>, source: EventSource): Set<string> {
  return walk(start, source, () => false)
}

/**
 * All events on the paths, by auth events, from a conflicted event to a conflicted event, both included.
 *
 * Source: room version 12, "State resolution", "Conflicted state subgraph".
 */
export function conflictedSubgraph(conflicted: ReadonlySet<string>, source: EventSource): Set<string> {
  const reachable = authChain(conflicted, source)
  source.check()
  const citedBy = new Map<string, string[]>()
  for (const id of reachable) {
    for (const cited of source.authEventIds(id)) {
      const citing = citedBy.get(cited)
      if (citing) citing.push(id)
      else citedBy.set(cited, [id])
    }
  }
  const subgraph = new Set<string>()
  const open = [...conflicted]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (subgraph.has(id)) continue
    subgraph.add(id)
    open.push(...(citedBy.get(id) ?? []))
  }
  return subgraph
}
