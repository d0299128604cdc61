import { countBits, type NodeId, type TrieNode } from './state-trie-node.ts'

/** Nodes in a packed row, at most. */
export const rowCapacity = 256

const formatVersion = 1

/**
 * Packs nodes into the bytes of one row. A node is its two bitmaps, its keys and values, and its children, as
 * variable-length numbers; a child in the same row takes one or two bytes.
 */
export function encodeRow(id: number, nodes: readonly TrieNode[]): Uint8Array {
  const bytes: number[] = [formatVersion]
  writeNumber(bytes, nodes.length)
  for (const node of nodes) {
    writeNumber(bytes, node.leaves)
    writeNumber(bytes, node.branches)
    for (const number of node.entries) writeNumber(bytes, number)
    for (const child of node.children) {
      const index = child - id * rowCapacity
      writeNumber(bytes, index >= 0 && index < rowCapacity ? 2 * index + 1 : 2 * child)
    }
  }
  return Uint8Array.from(bytes)
}

/** @throws Error when the bytes are not those of a row */
export function decodeRow(id: number, bytes: Uint8Array): Map<NodeId, TrieNode> {
  const read = reader(id, bytes)
  if (read() !== formatVersion) throw new Error(`Row ${id} of the state trie has an unknown format`)
  const count = read()
  const nodes = new Map<NodeId, TrieNode>()
  for (let index = 0; index < count; index++) {
    const leaves = read()
    const branches = read()
    const entries = Array.from({ length: 2 * countBits(leaves) }, read)
    const children = Array.from({ length: countBits(branches) }, () => {
      const code = read()
      return code % 2 ? id * rowCapacity + (code - 1) / 2 : code / 2
    })
    nodes.set(id * rowCapacity + index, { leaves, branches, entries, children })
  }
  return nodes
}

/** Seven bits to a byte, lowest first, the top bit says that more follow. Reaches 2^53 - 1, past what bit operators do. */
function writeNumber(bytes: number[], number: number): void {
  let rest = number
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

function reader(id: number, bytes: Uint8Array): () => number {
  let position = 0
  return () => {
    let number = 0
    for (let unit = 1; ; unit *= 128) {
      const byte = bytes[position++]
      if (byte === undefined) throw new Error(`Row ${id} of the state trie is damaged`)
      number += (byte % 128) * unit
      if (byte < 128) return number
    }
  }
}
