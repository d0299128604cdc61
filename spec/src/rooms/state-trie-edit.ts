import { load } from './state-trie-load.ts'
import {
  listIn,
  type NodeId,
  type NodeSource,
  type Slot,
  slotCount,
  slotIn,
  slotOf,
  slotsOf,
  type TrieNode,
  type Walk,
} from './state-trie-node.ts'
import { encodeRow, rowCapacity } from './state-trie-rows.ts'

export interface Edited {
  root: NodeId
  /** The new nodes, packed; to be stored before or together with the root. */
  rows: { id: number; bytes: Uint8Array }[]
  /** The same nodes, for a cache. */
  nodes: Map<NodeId, TrieNode>
}

type Edits = ReadonlyMap<number, number | undefined>
type Edit = readonly [key: number, value: number | undefined]

/** A node that is not stored yet. Its children are drafts or stored nodes. */
interface Draft {
  slots: Slot<NodeId | Draft>[]
}

/**
 * Sets the given keys, or removes those whose value is undefined. Nodes off the paths of the changed keys are kept;
 * when nothing changes, the root stays and there are no rows.
 *
 * @param nextRowId called once per row made: one for every 256 new nodes
 */
export function* edit(
  source: NodeSource,
  root: NodeId,
  { edits, nextRowId }: { edits: Edits; nextRowId: () => number },
): Walk<Edited> {
  const held = yield* loadPaths(source, root, edits)
  const slot = change(held, root === 0 ? undefined : { child: root }, { edits: [...edits], depth: 0 })
  return store(asRoot(slot), nextRowId)
}

/** Loads every node on the path of an edited key, level by level. */
function* loadPaths(source: NodeSource, root: NodeId, edits: Edits): Walk<Map<NodeId, TrieNode>> {
  const held = new Map<NodeId, TrieNode>()
  let level = root === 0 ? [] : [{ id: root, keys: [...edits.keys()] }]
  for (let depth = 0; level.length > 0; depth++) {
    yield* load(
      source,
      held,
      level.map(({ id }) => id),
    )
    level = level.flatMap(({ id, keys }) => childrenOnPath(nodeIn(held, id), keys, depth))
  }
  return held
}

function childrenOnPath(node: TrieNode, keys: readonly number[], depth: number) {
  const wanted = new Map<NodeId, number[]>()
  for (const key of keys) {
    const slot = slotIn(node, slotOf(key, depth))
    if (slot && 'child' in slot) listIn(wanted, slot.child).push(key)
  }
  return [...wanted].map(([id, keys]) => ({ id, keys }))
}

/** A slot's content after the edits; the very same content when they change nothing. */
function change(
  held: ReadonlyMap<NodeId, TrieNode>,
  before: Slot<NodeId>,
  { edits, depth }: { edits: readonly Edit[]; depth: number },
): Slot<NodeId | Draft> {
  if (edits.length === 0) return before
  if (!before || 'key' in before) {
    const entries = new Map<number, number | undefined>(before ? [[before.key, before.value]] : [])
    for (const [key, value] of edits) entries.set(key, value)
    const rest = [...entries].flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]))
    return rest.length === 1 && before && rest[0]?.key === before.key && rest[0].value === before.value
      ? before
      : grow(rest, depth)
  }
  const slots = slotsOf(nodeIn(held, before.child))
  const parts = splitBySlot(edits, ([key]) => key, depth)
  const changed = slots.map((slot, index) =>
    change(held, slot, { edits: parts[index] ?? [], depth: depth + 1 }),
  )
  return changed.every((slot, index) => slot === slots[index]) ? before : collapse(changed)
}

/** The smallest content that holds the entries. */
function grow(entries: readonly { key: number; value: number }[], depth: number): Slot<Draft> {
  if (entries.length < 2) return entries[0]
  const parts = splitBySlot(entries, ({ key }) => key, depth)
  return { child: { slots: parts.map((part) => grow(part, depth + 1)) } }
}

/** A node left with nothing is nothing, one left with a single entry is that entry. */
function collapse(slots: Slot<NodeId | Draft>[]): Slot<NodeId | Draft> {
  const filled = slots.filter((slot) => slot !== undefined)
  const only = filled[0]
  return filled.length < 2 && (!only || 'key' in only) ? only : { child: { slots } }
}

function splitBySlot<T>(items: readonly T[], keyOf: (item: T) => number, depth: number): T[][] {
  const parts: T[][] = Array.from({ length: slotCount }, () => [])
  for (const item of items) parts[slotOf(keyOf(item), depth)]?.push(item)
  return parts
}

/** The root is a node even when it holds a single entry. */
function asRoot(slot: Slot<NodeId | Draft>): NodeId | Draft {
  if (!slot) return 0
  if ('child' in slot) return slot.child
  return {
    slots: Array.from({ length: slotCount }, (_, index) =>
      index === slotOf(slot.key, 0) ? slot : undefined,
    ),
  }
}

/** Gives the drafts their IDs, children first, so that a subtree shares a row as far as it can. */
function store(root: NodeId | Draft, nextRowId: () => number): Edited {
  const rows: { id: number; nodes: TrieNode[] }[] = []
  const nodes = new Map<NodeId, TrieNode>()
  const place = (draft: NodeId | Draft): NodeId => {
    if (typeof draft === 'number') return draft
    const node = nodeOf(draft.slots, place)
    let row = rows.at(-1)
    if (!row || row.nodes.length === rowCapacity) {
      row = { id: nextRowId(), nodes: [] }
      rows.push(row)
    }
    const id = row.id * rowCapacity + row.nodes.length
    row.nodes.push(node)
    nodes.set(id, node)
    return id
  }
  const placed = place(root)
  return { root: placed, rows: rows.map(({ id, nodes }) => ({ id, bytes: encodeRow(id, nodes) })), nodes }
}

function nodeOf(slots: readonly Slot<NodeId | Draft>[], place: (child: NodeId | Draft) => NodeId): TrieNode {
  let leaves = 0
  let branches = 0
  const entries: number[] = []
  const children: NodeId[] = []
  slots.forEach((slot, index) => {
    if (!slot) return
    if ('key' in slot) {
      leaves |= 1 << index
      entries.push(slot.key, slot.value)
    } else {
      branches |= 1 << index
      children.push(place(slot.child))
    }
  })
  return { leaves, branches, entries, children }
}

function nodeIn(held: ReadonlyMap<NodeId, TrieNode>, id: NodeId): TrieNode {
  const node = held.get(id)
  if (!node) throw new Error(`Node ${id} of the state trie is missing`)
  return node
}
