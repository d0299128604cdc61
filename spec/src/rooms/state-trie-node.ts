/** `rowId * 256 + index` of the node in its packed row. 0 is the empty trie; row IDs begin at 1 and stay below 2^44. */
export type NodeId = number

/** Nodes in a packed row, at most. */
export const rowCapacity = 256

/**
 * A node where it lies, packed; `slotIn` and `slotsOf` read it there. It has 16 slots. A slot is empty, holds one entry,
 * or leads to a node with two entries or more, so a map has one shape, whatever the order in which it was made.
 *
 * Its bytes: a bitmap of the slots that hold an entry, one of those that lead to a node (two bytes each, low first), then
 * the entries' keys and values and the children, in the order of their slots, as variable-length numbers.
 */
export interface PackedNode {
  readonly id: NodeId
  readonly bytes: Uint8Array
  /** Where in the bytes it begins. */
  readonly at: number
}

/** Nodes at hand. What is handed out must never change. */
export interface NodeSource {
  /** Undefined while the node isn't loaded. */
  get(id: NodeId): PackedNode | undefined
}

/**
 * A computation that says which nodes it lacks, and is resumed with them. A level of the trie is asked for at once, as far as it isn't
 * a large one. A long computation asks for no nodes at all now and then: it may pause there.
 */
export type Walk<T> = Generator<readonly NodeId[], T, NodeSource>

export const slotCount = 16

export interface Entry {
  readonly key: number
  readonly value: number
}

/** A slot's content: nothing, one entry, or a node of this kind. */
export type Slot<Child> = undefined | Entry | { readonly child: Child }

/**
 * The slot of a key in a node `depth` levels under the root: a nibble of the key after a bijective mix, so that
 * keys numbered in a row spread evenly and two keys always part ways, at depth 14 at the latest.
 */
export function slotOf(key: number, depth: number): number {
  const high = Math.floor(key / 2 ** 32)
  const bits = depth < 8 ? mix(key >>> 0, high) >>> (4 * depth) : high >>> (4 * (depth - 8))
  return bits & 15
}

/** Where in a trie a key lies, to two levels, from 0 to 255: keys of one place share the beginning of their paths. */
export const placeOf = (key: number): number => slotOf(key, 0) * slotCount + slotOf(key, 1)

/** For every `high` a bijection of 32 bits (the finalizer of MurmurHash3). */
function mix(low: number, high: number): number {
  let bits = low ^ Math.imul(high, 0x9e3779b1)
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

/** A node's 16 slots, spread out. */
export function slotsOf(node: PackedNode): Slot<NodeId>[] {
  const { leaves, branches } = bitmapsOf(node)
  const read = new NumberReader(node.bytes, node.at + 4)
  const slots: Slot<NodeId>[] = new Array(slotCount).fill(undefined)
  for (let slot = 0; slot < slotCount; slot++) {
    if (leaves & (1 << slot)) slots[slot] = { key: read.next(), value: read.next() }
  }
  for (let slot = 0; slot < slotCount; slot++) {
    if (branches & (1 << slot)) slots[slot] = { child: readChild(read, node.id) }
  }
  return slots
}

/** The content of one slot. */
export function slotIn(node: PackedNode, slot: number): Slot<NodeId> {
  const { leaves, branches } = bitmapsOf(node)
  const below = (1 << slot) - 1
  const read = new NumberReader(node.bytes, node.at + 4)
  if (leaves & (1 << slot)) {
    read.skip(2 * countBits(leaves & below))
    return { key: read.next(), value: read.next() }
  }
  if (!(branches & (1 << slot))) return undefined
  read.skip(2 * countBits(leaves))
  for (let rest = branches & below; rest; rest &= rest - 1) readChild(read, node.id)
  return { child: readChild(read, node.id) }
}

/** The IDs of a node's children. */
export function childrenOf(node: PackedNode): NodeId[] {
  const { leaves, branches } = bitmapsOf(node)
  const read = new NumberReader(node.bytes, node.at + 4)
  read.skip(2 * countBits(leaves))
  return Array.from({ length: countBits(branches) }, () => readChild(read, node.id))
}

/** Where the bytes of a node end. */
export function endOf(node: PackedNode): number {
  const { leaves, branches } = bitmapsOf(node)
  const read = new NumberReader(node.bytes, node.at + 4)
  read.skip(2 * countBits(leaves))
  for (let rest = branches; rest; rest &= rest - 1) readChild(read, node.id)
  return read.at
}

function bitmapsOf({ bytes, at }: PackedNode): { leaves: number; branches: number } {
  const [a, b, c, d] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]
  if (a === undefined || b === undefined || c === undefined || d === undefined) throw new DamagedNode()
  return { leaves: a + 256 * b, branches: c + 256 * d }
}

/** Writes a node's bytes. */
export function writeNode(bytes: number[], id: NodeId, slots: readonly Slot<NodeId>[]): void {
  const head = bytes.push(0, 0, 0, 0) - 4
  slots.forEach((slot, index) => {
    if (!slot || !('key' in slot)) return
    setBit(bytes, head, index)
    writeNumber(bytes, slot.key)
    writeNumber(bytes, slot.value)
  })
  slots.forEach((slot, index) => {
    if (!slot || !('child' in slot)) return
    setBit(bytes, head + 2, index)
    writeChild(bytes, id, slot.child)
  })
}

function setBit(bytes: number[], at: number, index: number): void {
  const byte = at + (index >> 3)
  bytes[byte] = (bytes[byte] ?? 0) | (1 << (index & 7))
}

/** A child is said by how many rows lie between, and by its index there when that is below 7, as nearly all are. */
const indexesInline = 7

function writeChild(bytes: number[], parent: NodeId, child: NodeId): void {
  const distance = rowOf(parent) - rowOf(child)
  const zigzag = distance < 0 ? -2 * distance - 1 : 2 * distance
  const index = child % rowCapacity
  writeNumber(bytes, zigzag * (indexesInline + 1) + Math.min(index, indexesInline))
  if (index >= indexesInline) writeNumber(bytes, index - indexesInline)
}

function readChild(read: NumberReader, parent: NodeId): NodeId {
  const code = read.next()
  const inline = code % (indexesInline + 1)
  const zigzag = (code - inline) / (indexesInline + 1)
  const isBefore = zigzag % 2 === 0
  const row = rowOf(parent) - (isBefore ? zigzag / 2 : -(zigzag + 1) / 2)
  return row * rowCapacity + (inline < indexesInline ? inline : indexesInline + read.next())
}

export const rowOf = (id: NodeId): number => Math.floor(id / rowCapacity)

/** Seven bits to a byte, lowest first, the top bit says that more follow. Reaches 2^53 - 1, past what bit operators do. */
export function writeNumber(bytes: number[], number: number): void {
  let rest = number
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

export class NumberReader {
  readonly #bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  next(): number {
    let number = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte()
      number |= (byte & 127) << shift
      if (byte < 128) return number
    }
    for (let unit = 2 ** 28; ; unit *= 128) {
      const byte = this.#byte()
      number += (byte & 127) * unit
      if (byte < 128) return number
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.at++]
    if (byte === undefined) throw new DamagedNode()
    return byte
  }

  skip(count: number): void {
    for (let rest = count; rest > 0; ) {
      if (this.#byte() < 128) rest--
    }
  }
}

export class DamagedNode extends Error {
  override name = 'DamagedNode'
  constructor() {
    super('the bytes of a state trie node are damaged')
  }
}

export function countBits(bitmap: number): number {
  let count = 0
  for (let rest = bitmap; rest; rest &= rest - 1) count++
  return count
}

/** The list under a key, made when there is none. */
export function listIn<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const known = lists.get(key)
  if (known) return known
  const made: V[] = []
  lists.set(key, made)
  return made
}
