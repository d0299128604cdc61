import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { edit, type NodeId, type PackedNode, unpackRow } from './state-trie.ts'
import { changesSince } from './state-trie-changes.ts'

const key = fc.oneof(fc.nat({ max: 40 }), fc.maxSafeNat())
const map = fc.array(fc.tuple(key, fc.nat({ max: 3 })), { maxLength: 60 }).map((entries) => new Map(entries))

test('the entries of a map that some of others lack are found, each once', () => {
  fc.assert(
    fc.property(map, fc.array(map, { minLength: 1, maxLength: 4 }), (after, changes) => {
      const nodes = new Map<NodeId, PackedNode>()
      const befores = changes.map(
        (changed) => new Map([...after, ...changed].filter(([one]) => (changed.get(one) ?? 1) > 0)),
      )
      let rows = 0
      const edited = (root: NodeId, edits: ReadonlyMap<number, number | undefined>) => {
        const { value, done } = edit(nodes, root, { edits, nextRowId: () => ++rows }).next(nodes)
        assert.ok(done)
        for (const node of value.rows.flatMap(unpackRow)) nodes.set(node.id, node)
        return value.root
      }
      const root = edited(0, after)
      const roots = befores.map((before) => {
        const removed = [...after.keys()].filter((one) => !before.has(one))
        return edited(root, new Map([...before, ...removed.map((one) => [one, undefined] as const)]))
      })
      const { next } = changesSince(nodes, roots, root)
      const found: [number, number][] = []
      for (let more = true; more; ) {
        const { value, done } = next().next(nodes)
        assert.ok(done)
        for (const entry of value) found.push([entry.key, entry.value])
        more = value.length > 0
      }
      const lacking = [...after].filter(([one, value]) => befores.some((before) => before.get(one) !== value))
      assert.deepEqual(sorted(found), sorted(lacking))
    }),
  )
})

const sorted = (entries: [number, number][]) => entries.toSorted(([a], [b]) => a - b)
