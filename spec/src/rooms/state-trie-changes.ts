import { load, nodeIn } from './state-trie-load.ts'
import {
  type Entry,
  type NodeId,
  type NodeSource,
  type PackedNode,
  type Slot,
  slotCount,
  slotOf,
  slotsOf,
  type Walk,
} from './state-trie-node.ts'

/** Nodes that are compared at once, at most: those that are not loaded are asked for in one go. */
const mostAtOnce = 64

type Side = Slot<NodeId>

interface Comparison {
  /** Distinct, and different from `after`. */
  befores: readonly Side[]
  after: Side
  depth: number
}

/** Entries, a part at a time, so that whoever has seen enough need not pay for the rest. */
export interface Changes {
  /** Some more of them; none when there are no more. */
  next(): Walk<Entry[]>
}

/** The entries of `after` that some of the tries before it lack. What is alike in all of them costs nothing. */
export function changesSince(source: NodeSource, befores: readonly NodeId[], after: NodeId): Changes {
  const open: Comparison[] = []
  const found: Entry[] = []
  settle({ befores: [...new Set(befores)].map(sideOf), after: sideOf(after), depth: 0 }, { open, found })
  let atOnce = 1
  return {
    *next() {
      while (open.length > 0 && found.length === 0) {
        const compared = open.splice(-atOnce)
        atOnce = Math.min(2 * atOnce, mostAtOnce)
        const held = yield* load(source, compared.flatMap(nodesOf))
        for (const comparison of compared) compareSlots(comparison, held, { open, found })
      }
      return found.splice(0)
    },
  }
}

const sideOf = (root: NodeId): Side => (root === 0 ? undefined : { child: root })

function nodesOf({ befores, after }: Comparison): NodeId[] {
  return [after, ...befores].flatMap((side) => (side && 'child' in side ? [side.child] : []))
}

interface Results {
  open: Comparison[]
  found: Entry[]
}

function compareSlots(
  { befores, after, depth }: Comparison,
  held: ReadonlyMap<NodeId, PackedNode>,
  to: Results,
): void {
  const lists = befores.map((side) => spread(held, side, depth))
  spread(held, after, depth).forEach((side, slot) => {
    if (side) settle({ befores: distinct(lists, slot), after: side, depth: depth + 1 }, to)
  })
}

function distinct(lists: readonly Side[][], slot: number): Side[] {
  const sides: Side[] = []
  for (const list of lists) {
    const side = list[slot]
    if (!sides.some((known) => isSame(known, side))) sides.push(side)
  }
  return sides
}

function settle({ befores, after, depth }: Comparison, { open, found }: Results): void {
  const differing = befores.filter((before) => !isSame(before, after))
  if (!after || differing.length === 0) return
  const isEntry = 'key' in after && differing.some((before) => !before || 'key' in before)
  if (isEntry) found.push(after)
  else open.push({ befores: differing, after, depth })
}

function isSame(left: Side, right: Side): boolean {
  if (!left || !right) return left === right
  if ('child' in left) return 'child' in right && left.child === right.child
  return 'key' in right && left.key === right.key && left.value === right.value
}

/** The 16 slots of what a slot leads to; an entry stands in the slot it would have there. */
function spread(held: ReadonlyMap<NodeId, PackedNode>, side: Side, depth: number): Side[] {
  if (side && 'child' in side) return slotsOf(nodeIn(held, side.child))
  const slots: Side[] = new Array(slotCount).fill(undefined)
  if (side) slots[slotOf(side.key, depth)] = side
  return slots
}
