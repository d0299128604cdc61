import { nodesOfFirstFormat } from './state-trie-first-format.ts'
import {
  DamagedNode,
  endOf,
  type NodeId,
  type PackedNode,
  rowCapacity,
  type Slot,
  writeNode,
} from './state-trie-node.ts'

/** Packed nodes, as they are stored. Its nodes are one change's, children before their parents. */
export interface TrieRow {
  id: number
  bytes: Uint8Array
}

/** A node, and where its bytes end. */
export interface PlacedNode extends PackedNode {
  readonly end: number
}

const formatVersion = 2

/** Packs nodes into rows as they come. */
export class RowWriter {
  readonly #nextRowId: () => number
  readonly #rows: { id: number; bytes: number[]; nodes: number }[] = []

  constructor(nextRowId: () => number) {
    this.#nextRowId = nextRowId
  }

  add(slots: readonly Slot<NodeId>[]): NodeId {
    let row = this.#rows.at(-1)
    if (!row || row.nodes === rowCapacity) {
      row = { id: this.#nextRowId(), bytes: [formatVersion], nodes: 0 }
      this.#rows.push(row)
    }
    const id = row.id * rowCapacity + row.nodes++
    writeNode(row.bytes, id, slots)
    return id
  }

  rows(): TrieRow[] {
    return this.#rows.map(({ id, bytes }) => ({ id, bytes: Uint8Array.from(bytes) }))
  }
}

/** The nodes of a row, where they lie. @throws Error when the bytes are not those of a row */
export function unpackRow({ id, bytes }: TrieRow): PlacedNode[] {
  const [version] = bytes
  if (version === 1) return packed(id, nodesOfFirstFormat(id, bytes))
  if (version !== formatVersion) throw new Error(`Row ${id} of the state trie has an unknown format`)
  const nodes: PlacedNode[] = []
  for (let at = 1; at < bytes.length; at = nodes.at(-1)?.end as number) {
    if (nodes.length === rowCapacity) throw new DamagedNode()
    const node = { id: id * rowCapacity + nodes.length, bytes, at }
    nodes.push({ ...node, end: endOf(node) })
  }
  return nodes
}

function packed(rowId: number, nodes: readonly (readonly Slot<NodeId>[])[]): PlacedNode[] {
  return nodes.map((slots, index) => {
    const id = rowId * rowCapacity + index
    const bytes: number[] = []
    writeNode(bytes, id, slots)
    return { id, bytes: Uint8Array.from(bytes), at: 0, end: bytes.length }
  })
}
