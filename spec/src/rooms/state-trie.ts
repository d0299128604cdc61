/**
 * A persistent map from interned keys to events: a snapshot is the ID of a root, a change adds the handful of nodes on
 * one path, and unchanged parts are shared. Keys and values are whole numbers from 0 to 2^53 - 1.
 */
import { load } from './state-trie-load.ts'
import {
  listIn,
  type NodeId,
  type NodeSource,
  numberAt,
  type Slot,
  slotCount,
  slotIn,
  slotOf,
  slotsOf,
  type TrieNode,
  type Walk,
} from './state-trie-node.ts'

export { type Edited, edit } from './state-trie-edit.ts'
export type { NodeId, NodeSource, TrieNode, Walk } from './state-trie-node.ts'
export { decodeRow } from './state-trie-rows.ts'

/** The values under some keys; a key that the trie lacks is absent. */
export function* lookup(
  source: NodeSource,
  root: NodeId,
  keys: readonly number[],
): Walk<Map<number, number>> {
  const found = new Map<number, number>()
  let level = new Map<NodeId, readonly number[]>(root === 0 ? [] : [[root, keys]])
  for (let depth = 0; level.size > 0; depth++) {
    const held = new Map<NodeId, TrieNode>()
    yield* load(source, held, level.keys())
    const next = new Map<NodeId, number[]>()
    for (const [id, node] of held) {
      for (const key of level.get(id) ?? []) {
        const slot = slotIn(node, slotOf(key, depth))
        if (!slot) continue
        if ('child' in slot) listIn(next, slot.child).push(key)
        else if (slot.key === key) found.set(key, slot.value)
      }
    }
    level = next
  }
  return found
}

/** The whole map. */
export function* entries(source: NodeSource, root: NodeId): Walk<Map<number, number>> {
  const found = new Map<number, number>()
  let level: readonly NodeId[] = root === 0 ? [] : [root]
  while (level.length > 0) {
    const held = new Map<NodeId, TrieNode>()
    yield* load(source, held, level)
    const next: NodeId[] = []
    for (const { entries, children } of held.values()) {
      for (let index = 0; index < entries.length; index += 2) {
        found.set(numberAt(entries, index), numberAt(entries, index + 1))
      }
      for (const child of children) next.push(child)
    }
    level = next
  }
  return found
}

export interface Difference {
  before?: number
  after?: number
}

/** The keys whose values differ, with their values on either side. Costs by the size of the difference, not of the maps. */
export function* diff(source: NodeSource, before: NodeId, after: NodeId): Walk<Map<number, Difference>> {
  const found = new Map<number, Difference>()
  let level: Pair[] = [[asSlot(before), asSlot(after)]]
  for (let depth = 0; level.length > 0; depth++) {
    const differing = level.filter((pair) => leadsOn(pair, found))
    const held = new Map<NodeId, TrieNode>()
    yield* load(
      source,
      held,
      differing.flat().flatMap((slot) => (slot && 'child' in slot ? [slot.child] : [])),
    )
    level = differing.flatMap(([left, right]) => {
      const lefts = spread(held, left, depth)
      const rights = spread(held, right, depth)
      return lefts.map((slot, index): Pair => [slot, rights[index]])
    })
  }
  return found
}

type Pair = [Slot<NodeId>, Slot<NodeId>]

const asSlot = (root: NodeId): Slot<NodeId> => (root === 0 ? undefined : { child: root })

/** Whether a pair leads to nodes that may differ. A pair without nodes is settled here. */
function leadsOn([left, right]: Pair, found: Map<number, Difference>): boolean {
  const [from, to] = [left && 'child' in left ? left.child : 0, right && 'child' in right ? right.child : 0]
  if (from !== 0 || to !== 0) return from !== to
  if (isSameEntry(left, right)) return false
  if (left && 'key' in left) found.set(left.key, { before: left.value })
  if (right && 'key' in right) found.set(right.key, { ...found.get(right.key), after: right.value })
  return false
}

function isSameEntry(left: Slot<NodeId>, right: Slot<NodeId>): boolean {
  if (!left || !right || 'child' in left || 'child' in right) return left === right
  return left.key === right.key && left.value === right.value
}

/** The 16 slots of what a slot leads to; an entry stands in the slot it would have there. */
function spread(held: ReadonlyMap<NodeId, TrieNode>, slot: Slot<NodeId>, depth: number): Slot<NodeId>[] {
  if (slot && 'child' in slot) {
    const node = held.get(slot.child)
    return node ? slotsOf(node) : []
  }
  return Array.from({ length: slotCount }, (_, index) =>
    slot && slotOf(slot.key, depth) === index ? slot : undefined,
  )
}
