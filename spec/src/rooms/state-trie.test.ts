import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  decodeRow,
  diff,
  edit,
  entries,
  lookup,
  type NodeId,
  type TrieNode,
  type Walk,
} from './state-trie.ts'
import { slotsOf } from './state-trie-node.ts'

/** Stores rows as bytes and loads what a walk asks for, forgetting everything before each walk. */
class Store {
  readonly rows = new Map<number, Uint8Array>()
  readonly loaded = new Map<NodeId, TrieNode>()
  asked: NodeId[][] = []
  nextRow = 1

  run<T>(walk: (source: Map<NodeId, TrieNode>) => Walk<T>): T {
    this.loaded.clear()
    this.asked = []
    const steps = walk(this.loaded)
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value
      this.asked.push(step.value)
      this.loaded.clear()
      for (const id of step.value) this.loaded.set(id, this.node(id))
    }
  }

  edit(root: NodeId, edits: Iterable<readonly [number, number | undefined]>): NodeId {
    return this.store(
      this.run((source) => edit(source, root, { edits: new Map(edits), nextRowId: () => this.nextRow++ })),
    ).root
  }

  store<T extends { rows: { id: number; bytes: Uint8Array }[]; nodes: Map<NodeId, TrieNode> }>(edited: T): T {
    const decoded = new Map<NodeId, TrieNode>()
    for (const { id, bytes } of edited.rows) {
      this.rows.set(id, bytes)
      for (const [nodeId, node] of decodeRow(id, bytes)) decoded.set(nodeId, node)
    }
    assert.deepEqual(decoded, edited.nodes)
    return edited
  }

  node(id: NodeId): TrieNode {
    const row = Math.floor(id / 256)
    const node = decodeRow(row, this.rows.get(row) ?? new Uint8Array()).get(id)
    assert.ok(node)
    return node
  }

  /** The trie without the IDs of its nodes. */
  shape(id: NodeId): unknown {
    if (id === 0) return undefined
    return slotsOf(this.node(id)).map((slot) => (slot && 'child' in slot ? this.shape(slot.child) : slot))
  }
}

const key = fc.oneof(
  fc.nat({ max: 60 }),
  fc.maxSafeNat(),
  fc.nat({ max: 3 }).map((high) => high * 2 ** 32 + 7),
)
const batch = fc.array(fc.tuple(key, fc.option(fc.maxSafeNat(), { nil: undefined })), { maxLength: 60 })
const history = fc.array(batch, { maxLength: 6 })

function apply(map: ReadonlyMap<number, number>, edits: readonly (readonly [number, number | undefined])[]) {
  const result = new Map(map)
  for (const [key, value] of edits) {
    if (value === undefined) result.delete(key)
    else result.set(key, value)
  }
  return result
}

const sorted = <T>(map: ReadonlyMap<number, T>) => [...map].sort(([a], [b]) => a - b)

test('a trie answers as a plain map does, at every snapshot', () => {
  fc.assert(
    fc.property(history, fc.array(key), (batches, others) => {
      const store = new Store()
      const snapshots: { root: NodeId; map: Map<number, number> }[] = [{ root: 0, map: new Map() }]
      for (const edits of batches) {
        const last = snapshots.at(-1)
        assert.ok(last)
        snapshots.push({ root: store.edit(last.root, edits), map: apply(last.map, edits) })
      }
      for (const { root, map } of snapshots) {
        assert.deepEqual(sorted(store.run((source) => entries(source, root))), sorted(map))
        const asked = [...others, ...map.keys()]
        const expected = new Map([...map].filter(([key]) => asked.includes(key)))
        assert.deepEqual(sorted(store.run((source) => lookup(source, root, asked))), sorted(expected))
      }
    }),
    { numRuns: 150 },
  )
})

test('two snapshots differ as their plain maps do', () => {
  fc.assert(
    fc.property(history, batch, batch, (batches, left, right) => {
      const store = new Store()
      const base = batches.flat()
      const common = store.edit(0, base)
      const [before, after] = [left, right].map((edits) => ({
        root: store.edit(common, edits),
        map: apply(new Map(), [...base, ...edits]),
      }))
      assert.ok(before && after)
      const expected = new Map<number, { before?: number; after?: number }>()
      for (const key of new Set([...before.map.keys(), ...after.map.keys()])) {
        const [old, now] = [before.map.get(key), after.map.get(key)]
        if (old === now) continue
        expected.set(key, {
          ...(old === undefined ? {} : { before: old }),
          ...(now === undefined ? {} : { after: now }),
        })
      }
      assert.deepEqual(sorted(store.run((source) => diff(source, before.root, after.root))), sorted(expected))
    }),
    { numRuns: 150 },
  )
})

test('a map has one shape, however it came about', () => {
  fc.assert(
    fc.property(history, (batches) => {
      const store = new Store()
      const root = batches.reduce((root, edits) => store.edit(root, edits), 0)
      const map = apply(new Map(), batches.flat())
      assert.deepEqual(store.shape(root), store.shape(store.edit(0, sorted(map).reverse())))
    }),
    { numRuns: 150 },
  )
})

test('an edit that changes nothing keeps the root and stores nothing', () => {
  const store = new Store()
  const root = store.edit(0, [[1, 10], [2, 20]]) // biome-ignore format: a table
  const edited = store.run((source) => edit(source, root, { edits: new Map([[1, 10], [3, undefined]]), nextRowId: () => 99 })) // biome-ignore format: a table
  assert.equal(edited.root, root)
  assert.deepEqual(edited.rows, [])
  assert.equal(store.edit(root, [[1, undefined], [2, undefined]]), 0) // biome-ignore format: a table
})

test('values and row IDs may be large', () => {
  const store = new Store()
  store.nextRow = 2 ** 44 - 2
  const key = 2 ** 53 - 1
  const root = store.edit(0, [[key, 2 ** 53 - 1], [0, 0]]) // biome-ignore format: a table
  const next = store.edit(root, [[1, 2 ** 53 - 1]])
  assert.deepEqual(
    sorted(store.run((source) => entries(source, next))),
    [[0, 0], [1, 2 ** 53 - 1], [key, 2 ** 53 - 1]], // biome-ignore format: a table
  )
})

test('a damaged row is refused', () => {
  const { rows } = new Store().run((source) =>
    edit(source, 0, { edits: new Map([[1, 300]]), nextRowId: () => 1 }),
  )
  const bytes = rows[0]?.bytes ?? new Uint8Array()
  assert.throws(() => decodeRow(1, bytes.subarray(0, bytes.length - 1)), /damaged/)
  assert.throws(() => decodeRow(1, Uint8Array.of(9, ...bytes.subarray(1))), /unknown format/)
})

test('at 100,000 entries a change is cheap to store, to find and to compare', () => {
  const store = new Store()
  const firstEvent = 10 ** 9
  const size = 100_000
  const build = Array.from({ length: size }, (_, index) => [index + 1, firstEvent + index] as const)
  store.nextRow = 10 ** 7
  let root = store.edit(0, build)
  let bytes = 0
  const changes = 200
  for (let index = 0; index < changes; index++) {
    const changed = ((index * 7919) % size) + 1
    const edited = store.store(
      store.run((source) =>
        edit(source, root, {
          edits: new Map([[changed, 2 * firstEvent + index]]),
          nextRowId: () => store.nextRow++,
        }),
      ),
    )
    assert.equal(edited.rows.length, 1)
    bytes += edited.rows[0]?.bytes.length ?? 0

    const difference = store.run((source) => diff(source, root, edited.root))
    assert.deepEqual([...difference.keys()], [changed])
    assert.ok(store.asked.flat().length <= 14, 'a comparison reads only the two paths')
    root = edited.root
  }
  assert.ok(bytes / changes < 1536, `${bytes / changes} bytes a change`)
})
