import type { NodeId, NodeSource, TrieNode, Walk } from './state-trie-node.ts'

/**
 * Puts the nodes into `held`, asking for those that the source lacks.
 *
 * @throws Error when the source still lacks one after it was asked for
 */
export function* load(source: NodeSource, held: Map<NodeId, TrieNode>, ids: Iterable<NodeId>): Walk<void> {
  const missing: NodeId[] = []
  for (const id of new Set(ids)) {
    const node = source.get(id)
    if (node) held.set(id, node)
    else if (!held.has(id)) missing.push(id)
  }
  if (missing.length === 0) return
  yield missing
  for (const id of missing) {
    const node = source.get(id)
    if (!node) throw new Error(`Node ${id} of the state trie is missing`)
    held.set(id, node)
  }
}
