import { load, nodeIn } from './state-trie-load.ts'
import {
  type Entry,
  listIn,
  type NodeId,
  type NodeSource,
  type PackedNode,
  type Slot,
  slotIn,
  slotOf,
  slotsOf,
  type Walk,
} from './state-trie-node.ts'
import { RowWriter, type TrieRow } from './state-trie-rows.ts'

export interface Edited {
  root: NodeId
  /** The new nodes, packed; to be stored before or together with the root. */
  rows: TrieRow[]
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
function* loadPaths(source: NodeSource, root: NodeId, edits: Edits): Walk<Map<NodeId, PackedNode>> {
  const held = new Map<NodeId, PackedNode>()
  let level = new Map<NodeId, number[]>(root === 0 ? [] : [[root, [...edits.keys()]]])
  for (let depth = 0; level.size > 0; depth++) {
    const nodes = yield* load(source, level.keys())
    const next = new Map<NodeId, number[]>()
    for (const [id, keys] of level) {
      const node = nodeIn(nodes, id)
      held.set(id, node)
      for (const key of keys) {
        const slot = slotIn(node, slotOf(key, depth))
        if (slot && 'child' in slot) listIn(next, slot.child).push(key)
      }
    }
    level = next
  }
  return held
}

/** A slot's content after the edits; the very same content when they change nothing. */
function change(
  held: ReadonlyMap<NodeId, PackedNode>,
  before: Slot<NodeId>,
  { edits, depth }: { edits: readonly Edit[]; depth: number },
): Slot<NodeId | Draft> {
  if (!before || 'key' in before) return changeEntry(before, { edits, depth })
  const slots: Slot<NodeId | Draft>[] = slotsOf(nodeIn(held, before.child))
  let isChanged = false
  for (const [index, part] of bySlot(edits, ([key]) => key, depth)) {
    const old = slots[index] as Slot<NodeId>
    const now = change(held, old, { edits: part, depth: depth + 1 })
    if (now !== old) isChanged = true
    slots[index] = now
  }
  return isChanged ? collapse(slots) : before
}

/** As `change`, where there is one entry or none. */
function changeEntry(
  before: Entry | undefined,
  { edits, depth }: { edits: readonly Edit[]; depth: number },
): Slot<NodeId | Draft> {
  const entries = new Map<number, number | undefined>(before ? [[before.key, before.value]] : [])
  for (const [key, value] of edits) entries.set(key, value)
  const rest = [...entries].flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]))
  const [only] = rest
  const isSame = rest.length === 1 && only?.key === before?.key && only?.value === before?.value
  return isSame ? before : grow(rest, depth)
}

/** The smallest content that holds the entries. */
function grow(entries: readonly Entry[], depth: number): Slot<Draft> {
  if (entries.length < 2) return entries[0]
  const slots: Slot<Draft>[] = []
  for (const [index, part] of bySlot(entries, ({ key }) => key, depth)) slots[index] = grow(part, depth + 1)
  return { child: { slots } }
}

/** A node left with nothing is nothing, one left with a single entry is that entry. */
function collapse(slots: Slot<NodeId | Draft>[]): Slot<NodeId | Draft> {
  const filled = slots.filter((slot) => slot !== undefined)
  const only = filled[0]
  return filled.length < 2 && (!only || 'key' in only) ? only : { child: { slots } }
}

function bySlot<T>(items: readonly T[], keyOf: (item: T) => number, depth: number): Map<number, T[]> {
  const parts = new Map<number, T[]>()
  for (const item of items) listIn(parts, slotOf(keyOf(item), depth)).push(item)
  return parts
}

/** The root is a node even when it holds a single entry. */
function asRoot(slot: Slot<NodeId | Draft>): NodeId | Draft {
  if (!slot) return 0
  if ('child' in slot) return slot.child
  const slots: Slot<NodeId>[] = []
  slots[slotOf(slot.key, 0)] = slot
  return { slots }
}

/** Gives the drafts their IDs, children first, so that a subtree shares a row as far as it can. */
function store(root: NodeId | Draft, nextRowId: () => number): Edited {
  const writer = new RowWriter(nextRowId)
  const place = (draft: NodeId | Draft): NodeId => {
    if (typeof draft === 'number') return draft
    const slots: Slot<NodeId>[] = []
    draft.slots.forEach((slot, index) => {
      slots[index] = slot && 'child' in slot ? { child: place(slot.child) } : slot
    })
    return writer.add(slots)
  }
  return { root: place(root), rows: writer.rows() }
}
