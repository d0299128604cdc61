/** A trie's rows in memory, and random histories of one beside a plain Map, for tests. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  edit,
  type NodeId,
  type NodeSource,
  type PackedNode,
  rowOf,
  unpackRow,
  type Walk,
} from './state-trie.ts'
import { slotsOf } from './state-trie-node.ts'

/** Stores rows as bytes and loads what a walk asks for, remembering nothing: nodes may leave a cache at any time. */
export class TrieStore {
  readonly rows = new Map<number, Uint8Array>()
  asked: (readonly NodeId[])[] = []
  /** Rows come from blocks of several processes: a row may refer to one with a greater number. */
  nextRow = 2

  run<T>(walk: (source: NodeSource) => Walk<T>): T {
    this.asked = []
    const nothing = new Map<NodeId, PackedNode>()
    const steps = walk(nothing)
    for (let step = steps.next(nothing); ; ) {
      if (step.done) return step.value
      this.asked.push(step.value)
      step = steps.next(new Map(step.value.map((id) => [id, this.node(id)])))
    }
  }

  edit(root: NodeId, edits: Iterable<readonly [number, number | undefined]>): NodeId {
    return this.change(root, edits).root
  }

  change(root: NodeId, edits: Iterable<readonly [number, number | undefined]>) {
    const nextRowId = () => this.nextRow + (this.nextRow++ % 2 ? -1 : 1)
    const edited = this.run((source) => edit(source, root, { edits: new Map(edits), nextRowId }))
    for (const { id, bytes } of edited.rows) this.rows.set(id, bytes)
    return edited
  }

  node(id: NodeId): PackedNode {
    const row = { id: rowOf(id), bytes: this.rows.get(rowOf(id)) ?? new Uint8Array() }
    const node = unpackRow(row).find((one) => one.id === id)
    assert.ok(node)
    return node
  }

  /** The trie without the IDs of its nodes. */
  shape(id: NodeId): unknown {
    if (id === 0) return undefined
    return slotsOf(this.node(id)).map((slot) => (slot && 'child' in slot ? this.shape(slot.child) : slot))
  }
}

export const key = fc.oneof(
  fc.nat({ max: 60 }),
  fc.maxSafeNat(),
  fc.nat({ max: 3 }).map((high) => high * 2 ** 32 + 7),
)
const batch = fc.array(fc.tuple(key, fc.option(fc.maxSafeNat(), { nil: undefined })), { maxLength: 60 })
export const history = fc.array(batch, { maxLength: 6 })

export function apply(
  map: ReadonlyMap<number, number>,
  edits: readonly (readonly [number, number | undefined])[],
) {
  const result = new Map(map)
  for (const [key, value] of edits) {
    if (value === undefined) result.delete(key)
    else result.set(key, value)
  }
  return result
}

export const sorted = <T>(map: ReadonlyMap<number, T>) => [...map].sort(([a], [b]) => a - b)
