import type { NodeId, NodeSource, PackedNode, Walk } from './state-trie-node.ts'

/**
 * The nodes of some IDs, asking for those that the source lacks.
 *
 * @throws Error when one isn't there after it was asked for
 */
export function* load(source: NodeSource, ids: Iterable<NodeId>): Walk<Map<NodeId, PackedNode>> {
  const held = new Map<NodeId, PackedNode>()
  const missing: NodeId[] = []
  for (const id of new Set(ids)) {
    const node = source.get(id)
    if (node) held.set(id, node)
    else missing.push(id)
  }
  if (missing.length === 0) return held
  const loaded = yield missing
  for (const id of missing) held.set(id, nodeIn(loaded, id))
  return held
}

/** @throws Error when it isn't there */
export function nodeIn(nodes: NodeSource, id: NodeId): PackedNode {
  const node = nodes.get(id)
  if (!node) throw new Error(`Node ${id} of the state trie is missing`)
  return node
}
