// What Kith does when branches meet, from the roots of their states to the root of the resolved one; all is in memory.
import { nodeCrypto } from '@kith/homeserver/platform/crypto'
import { beginResolution, type StateKey, stateKeyOf } from '@kith/spec/rooms/state-resolution/resolve'
import {
  type Candidate,
  inSharedChains,
  powerTypes,
  type Search,
} from '@kith/spec/rooms/state-resolution/shared-chains'
import { inColumns } from '@kith/spec/rooms/state-resolution/trie-forks'
import { diff, type Edited, edit, lookup, type NodeId, type Walk } from '@kith/spec/rooms/state-trie'
import type { HeldEvent, HeldRoom } from './forked-room.ts'

const powerKeys = powerTypes.map((type) => stateKeyOf(type, ''))

export function resolveTries(room: HeldRoom, roots: readonly NodeId[]): Edited {
  const base = roots[0] as NodeId
  const differences = roots.slice(1).map((root) => finished(room, diff(room.nodes, base, root)))
  const { keys, forks } = inColumns(differences)
  const conflicted = new Set(keys)
  const { undecided, finish } = beginResolution({
    rules: room.rules,
    crypto: nodeCrypto,
    forks: forks.map(
      (fork) => fork.map((number) => number && eventAt(room, number)) as (HeldEvent | undefined)[],
    ),
    shared: (type, stateKey) => sharedEntry(room, base, stateKeyOf(type, stateKey))?.eventId,
    event: (id) => room.byId.get(id),
  })
  const entries = finish(decide(room, { base, conflicted, undecided: undecided as Candidate<HeldEvent>[] }))
  return finished(
    room,
    edit(room.nodes, base, {
      edits: editsOf(keys, forks[0], entries as HeldEvent[]),
      nextRowId: room.nextRowId,
    }),
  )
}

/** What the resolved entries change of the first state. */
function editsOf(
  keys: readonly number[],
  first: readonly (number | undefined)[] = [],
  entries: readonly HeldEvent[],
) {
  const edits = new Map<number, number | undefined>()
  keys.forEach((key, column) => {
    if (first[column] !== undefined) edits.set(key, undefined)
  })
  const held = new Map(keys.map((key, column) => [key, first[column]]))
  for (const { stateKey, number } of entries) {
    if (held.get(stateKey) === number) edits.delete(stateKey)
    else edits.set(stateKey, number)
  }
  return edits
}

function decide(
  room: HeldRoom,
  {
    base,
    conflicted,
    undecided,
  }: { base: NodeId; conflicted: ReadonlySet<number>; undecided: readonly Candidate<HeldEvent>[] },
): ReadonlySet<string> {
  const scene = {
    rules: room.rules,
    nodes: room.nodes,
    base,
    isConflicted: (key: number) => conflicted.has(key),
    powerKeys: powerKeys.flatMap((name) => room.keyNumbers.get(name) ?? []),
    byNumber: (number: number) => room.events[number - 1],
    byId: (id: string) => room.byId.get(id),
  }
  return finished(room, inSharedChains(scene, undecided))
}

function sharedEntry(room: HeldRoom, base: NodeId, name: StateKey): HeldEvent | undefined {
  const key = room.keyNumbers.get(name)
  const number = key === undefined ? undefined : finished(room, lookup(room.nodes, base, [key])).get(key)
  return number === undefined ? undefined : eventAt(room, number)
}

const eventAt = (room: HeldRoom, number: number) => room.events[number - 1] as HeldEvent

/** What is in memory needs no waiting. */
export function finished<T>(room: Pick<HeldRoom, 'nodes'>, walk: Walk<T> | Search<T>): T {
  const step = walk.next(room.nodes)
  if (!step.done) throw new Error('something is not in memory')
  return step.value
}
