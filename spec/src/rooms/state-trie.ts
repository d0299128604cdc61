/**
 * A persistent map from interned keys to events: a snapshot is the ID of a root, a change adds the handful of nodes on
 * one path, and unchanged parts are shared. Keys and values are whole numbers from 0 to 2^53 - 1.
 */
import { load, nodeIn } from './state-trie-load.ts'
import {
  type Entry,
  type NodeId,
  type NodeSource,
  type PackedNode,
  type Slot,
  slotCount,
  slotIn,
  slotOf,
  slotsOf,
  type Walk,
} from './state-trie-node.ts'

export { type Edited, edit } from './state-trie-edit.ts'
export { Marks, mark } from './state-trie-mark.ts'
export {
  childrenOf,
  type NodeId,
  type NodeSource,
  type PackedNode,
  placeOf,
  rowOf,
  type Walk,
} from './state-trie-node.ts'
export { type PlacedNode, type TrieRow, unpackRow } from './state-trie-rows.ts'

/** The way to a key, as far as it was gone. */
interface Step {
  key: number
  id: NodeId
  depth: number
}

/** The values under some keys; a key that the trie lacks is absent. */
export function* lookup(
  source: NodeSource,
  root: NodeId,
  keys: readonly number[],
): Walk<Map<number, number>> {
  const found = new Map<number, number>()
  if (root === 0) return found
  let steps: Step[] = []
  for (const key of keys) steps.push({ key, id: root, depth: 0 })
  for (;;) {
    const stopped = steps.filter((step) => !descend(source, step, found))
    if (stopped.length === 0) return found
    const loaded = yield [...new Set(stopped.map(({ id }) => id))]
    steps = stopped.filter((step) => takeStep(nodeIn(loaded, step.id), step, found))
  }
}

/** Goes on to the key's value, or to where there is none. @returns false when a node is not at hand */
function descend(source: NodeSource, step: Step, found: Map<number, number>): boolean {
  for (;;) {
    const node = source.get(step.id)
    if (!node) return false
    if (!takeStep(node, step, found)) return true
  }
}

/** @returns whether there is more of the way */
function takeStep(node: PackedNode, step: Step, found: Map<number, number>): boolean {
  const slot = slotIn(node, slotOf(step.key, step.depth))
  if (slot && 'child' in slot) {
    step.id = slot.child
    step.depth++
    return true
  }
  if (slot?.key === step.key) found.set(step.key, slot.value)
  return false
}

const nodesAtOnce = 2000

/** The whole map. Pauses now and then. */
export function* entries(source: NodeSource, root: NodeId): Walk<Map<number, number>> {
  const found = new Map<number, number>()
  let level: NodeId[] = root === 0 ? [] : [root]
  while (level.length > 0) {
    const next: NodeId[] = []
    for (let at = 0; at < level.length; at += nodesAtOnce) {
      if (at > 0) yield []
      const held = yield* load(source, level.slice(at, at + nodesAtOnce))
      for (const node of held.values()) gather(node, next, found)
    }
    level = next
  }
  return found
}

function gather(node: PackedNode, children: NodeId[], found: Map<number, number>): void {
  for (const slot of slotsOf(node)) {
    if (!slot) continue
    if ('child' in slot) children.push(slot.child)
    else found.set(slot.key, slot.value)
  }
}

export interface Difference {
  before?: number
  after?: number
}

/** The keys whose values differ, with their values on either side. Costs by the size of the difference, not of the maps. */
export function* diff(source: NodeSource, before: NodeId, after: NodeId): Walk<Map<number, Difference>> {
  const found = new Map<number, Difference>()
  let level: Pair[] = []
  settle([asSlot(before), asSlot(after)], level, found)
  for (let depth = 0; level.length > 0; depth++) {
    const held = yield* load(source, level.flatMap(childrenIn))
    const next: Pair[] = []
    for (const [left, right] of level) {
      const lefts = spread(held, left, depth)
      const rights = spread(held, right, depth)
      for (let slot = 0; slot < slotCount; slot++) settle([lefts[slot], rights[slot]], next, found)
    }
    level = next
  }
  return found
}

type Pair = readonly [Slot<NodeId>, Slot<NodeId>]

const asSlot = (root: NodeId): Slot<NodeId> => (root === 0 ? undefined : { child: root })

const childrenIn = (pair: Pair): NodeId[] =>
  pair.flatMap((slot) => (slot && 'child' in slot ? [slot.child] : []))

const entryIn = (slot: Slot<NodeId>): Entry | undefined => (slot && 'key' in slot ? slot : undefined)

/** Notes what differs in a pair without nodes; one that leads to different nodes is to be followed. */
function settle([left, right]: Pair, follow: Pair[], found: Map<number, Difference>): void {
  const from = left && 'child' in left ? left.child : 0
  const to = right && 'child' in right ? right.child : 0
  if (from !== to) follow.push([left, right])
  if (from !== 0 || to !== 0) return
  const [old, now] = [entryIn(left), entryIn(right)]
  if (old?.key === now?.key && old?.value === now?.value) return
  if (old) found.set(old.key, { before: old.value })
  if (now) found.set(now.key, { ...found.get(now.key), after: now.value })
}

/** The 16 slots of what a slot leads to; an entry stands in the slot it would have there. */
function spread(
  held: ReadonlyMap<NodeId, PackedNode>,
  slot: Slot<NodeId>,
  depth: number,
): readonly Slot<NodeId>[] {
  if (!slot) return []
  if ('child' in slot) return slotsOf(nodeIn(held, slot.child))
  const slots: Slot<NodeId>[] = []
  slots[slotOf(slot.key, depth)] = slot
  return slots
}
