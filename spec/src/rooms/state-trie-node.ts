/** `rowId * 256 + index` of the node in its packed row. 0 is the empty trie; row IDs begin at 1 and stay below 2^44. */
export type NodeId = number

/**
 * A node of 16 slots. A slot is empty, holds one entry, or leads to a node with two entries or more, so a map
 * has one shape, whatever the order in which it was made.
 */
export interface TrieNode {
  /** Bitmap of the slots that hold an entry. */
  readonly leaves: number
  /** Bitmap of the slots that lead to a node; disjoint from `leaves`. */
  readonly branches: number
  /** Key, value, key, value … in the order of their slots. */
  readonly entries: readonly number[]
  /** In the order of their slots. */
  readonly children: readonly NodeId[]
}

export interface NodeSource {
  /** Undefined while the node isn't loaded. */
  get(id: NodeId): TrieNode | undefined
}

/**
 * A computation that says which nodes it needs. Whoever runs it sees to it that the source holds the yielded nodes
 * before resuming; a level of the trie is asked for at once. Nodes may leave the source again after that.
 */
export type Walk<T> = Generator<NodeId[], T, void>

export const slotCount = 16

/** A slot's content: nothing, one entry, or a node of this kind. */
export type Slot<Child> =
  | undefined
  | { readonly key: number; readonly value: number }
  | { readonly child: Child }

/**
 * The slot of a key in a node `depth` levels under the root: a nibble of the key after a bijective mix, so that
 * keys numbered in a row spread evenly and two keys always part ways, at depth 14 at the latest.
 */
export function slotOf(key: number, depth: number): number {
  const high = Math.floor(key / 2 ** 32)
  const bits = depth < 8 ? mix(key >>> 0, high) >>> (4 * depth) : high >>> (4 * (depth - 8))
  return bits & 15
}

/** For every `high` a bijection of 32 bits (the finalizer of MurmurHash3). */
function mix(low: number, high: number): number {
  let bits = low ^ Math.imul(high, 0x9e3779b1)
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

/** A node's 16 slots, spread out. */
export function slotsOf(node: TrieNode): Slot<NodeId>[] {
  const slots: Slot<NodeId>[] = []
  let entry = 0
  let child = 0
  for (let slot = 0; slot < slotCount; slot++) {
    const bit = 1 << slot
    if (node.leaves & bit) {
      slots.push({ key: numberAt(node.entries, entry), value: numberAt(node.entries, entry + 1) })
      entry += 2
    } else if (node.branches & bit) {
      slots.push({ child: numberAt(node.children, child++) })
    } else {
      slots.push(undefined)
    }
  }
  return slots
}

/** The content of one slot. */
export function slotIn(node: TrieNode, slot: number): Slot<NodeId> {
  const bit = 1 << slot
  if (node.leaves & bit) {
    const entry = 2 * countBits(node.leaves & (bit - 1))
    return { key: numberAt(node.entries, entry), value: numberAt(node.entries, entry + 1) }
  }
  if (!(node.branches & bit)) return undefined
  return { child: numberAt(node.children, countBits(node.branches & (bit - 1))) }
}

export function countBits(bitmap: number): number {
  let count = 0
  for (let rest = bitmap; rest; rest &= rest - 1) count++
  return count
}

export function numberAt(numbers: readonly number[], index: number): number {
  const number = numbers[index]
  if (number === undefined) throw new Error('A node of the state trie is damaged')
  return number
}

/** The list under a key, made when there is none. */
export function listIn<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const known = lists.get(key)
  if (known) return known
  const made: V[] = []
  lists.set(key, made)
  return made
}
