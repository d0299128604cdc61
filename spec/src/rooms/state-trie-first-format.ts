/** Rows of the first format, which are read and no longer written: its children are named by their whole IDs. */
import { type NodeId, NumberReader, rowCapacity, type Slot, slotCount } from './state-trie-node.ts'

/** The slots of each node of a row, in order. */
export function nodesOfFirstFormat(id: number, bytes: Uint8Array): Slot<NodeId>[][] {
  const read = new NumberReader(bytes, 1)
  return Array.from({ length: read.next() }, () => nodeOf(read, id))
}

function nodeOf(read: NumberReader, rowId: number): Slot<NodeId>[] {
  const leaves = read.next()
  const branches = read.next()
  const slots = new Array<Slot<NodeId>>(slotCount).fill(undefined)
  for (let slot = 0; slot < slotCount; slot++) {
    if (leaves & (1 << slot)) slots[slot] = { key: read.next(), value: read.next() }
  }
  for (let slot = 0; slot < slotCount; slot++) {
    if (branches & (1 << slot)) slots[slot] = { child: childOf(read.next(), rowId) }
  }
  return slots
}

/** Odd: the index in the same row. Even: an ID. */
const childOf = (code: number, rowId: number): NodeId =>
  code % 2 ? rowId * rowCapacity + (code - 1) / 2 : code / 2
