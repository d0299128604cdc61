/** What a set of roots reaches: for sweeping away the rest. */
import { nodeIn } from './state-trie-load.ts'
import { childrenOf, listIn, type NodeId, type PackedNode, rowCapacity, rowOf } from './state-trie-node.ts'
import { type TrieRow, unpackRow } from './state-trie-rows.ts'

const bitsInNumber = 31

/** Marked nodes. Nearly all rows have few nodes, and take one number. */
export class Marks {
  readonly #bits = new Map<number, number>()
  readonly #further = new Set<NodeId>()

  /** @returns whether it was not marked before */
  add(id: NodeId): boolean {
    const row = rowOf(id)
    const index = id % rowCapacity
    const bits = this.#bits.get(row) ?? 0
    if (index >= bitsInNumber) {
      if (this.#further.has(id)) return false
      this.#further.add(id)
      this.#bits.set(row, bits)
      return true
    }
    const bit = 1 << index
    if (bits & bit) return false
    this.#bits.set(row, bits | bit)
    return true
  }

  /** Whether any node of the row is marked. */
  hasRow(row: number): boolean {
    return this.#bits.has(row)
  }
}

const rowsAtOnce = 500

/** Marks everything that the roots reach and that isn't marked yet. Asks for rows by their IDs, some hundred at once. */
export function* mark(
  marks: Marks,
  roots: Iterable<NodeId>,
): Generator<readonly number[], void, readonly TrieRow[]> {
  /** Marked nodes whose children have not been looked at, by row. */
  const pending = new Map<number, NodeId[]>()
  for (const root of roots) if (root !== 0 && marks.add(root)) listIn(pending, rowOf(root)).push(root)
  while (pending.size > 0) {
    for (const row of yield [...pending.keys().take(rowsAtOnce)]) {
      const stack = pending.get(row.id) ?? []
      pending.delete(row.id)
      const nodes = new Map<NodeId, PackedNode>(unpackRow(row).map((node) => [node.id, node]))
      for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
        for (const child of childrenOf(nodeIn(nodes, id))) {
          if (!marks.add(child)) continue
          if (rowOf(child) === row.id) stack.push(child)
          else listIn(pending, rowOf(child)).push(child)
        }
      }
    }
  }
}
