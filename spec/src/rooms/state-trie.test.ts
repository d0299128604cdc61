import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { diff, edit, entries, lookup, type NodeId, type TrieRow, unpackRow } from './state-trie.ts'
import { slotsOf } from './state-trie-node.ts'
import { apply, history, key, sorted, TrieStore } from './test-trie-store.ts'

test('a trie answers as a plain map does, at every snapshot', () => {
  fc.assert(
    fc.property(history, fc.array(key), (batches, others) => {
      const store = new TrieStore()
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

test('any two snapshots differ as their plain maps do', () => {
  fc.assert(
    fc.property(history, history, (batches, others) => {
      const store = new TrieStore()
      const snapshots = [{ root: 0, map: new Map<number, number>() }]
      // The others branch off in the middle of the first.
      const from = batches.length >> 1
      for (const [at, edits] of [...batches, ...others].entries()) {
        const last = snapshots[at === batches.length ? from : at]
        assert.ok(last)
        snapshots.push({ root: store.edit(last.root, edits), map: apply(last.map, edits) })
      }
      for (const before of snapshots) {
        for (const after of snapshots) {
          const found = store.run((source) => diff(source, before.root, after.root))
          assert.deepEqual(sorted(found), sorted(differenceOf(before.map, after.map)))
        }
      }
    }),
    { numRuns: 60 },
  )
})

function differenceOf(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>) {
  const found = new Map<number, { before?: number; after?: number }>()
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(key), after.get(key)]
    if (old === now) continue
    found.set(key, {
      ...(old === undefined ? {} : { before: old }),
      ...(now === undefined ? {} : { after: now }),
    })
  }
  return found
}

test('a map has one shape, however it came about', () => {
  fc.assert(
    fc.property(history, (batches) => {
      const store = new TrieStore()
      const root = batches.reduce((root, edits) => store.edit(root, edits), 0)
      const map = apply(new Map(), batches.flat())
      assert.deepEqual(store.shape(root), store.shape(store.edit(0, sorted(map).reverse())))
    }),
    { numRuns: 150 },
  )
})

test('an edit that changes nothing keeps the root and stores nothing', () => {
  const store = new TrieStore()
  const root = store.edit(0, [[1, 10], [2, 20]]) // biome-ignore format: a table
  const edited = store.run((source) => edit(source, root, { edits: new Map([[1, 10], [3, undefined]]), nextRowId: () => 99 })) // biome-ignore format: a table
  assert.equal(edited.root, root)
  assert.deepEqual(edited.rows, [])
  assert.equal(store.edit(root, [[1, undefined], [2, undefined]]), 0) // biome-ignore format: a table
})

test('values and row IDs may be large', () => {
  const store = new TrieStore()
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
  const [row] = new TrieStore().change(0, [[1, 300], [2, 2 ** 40]]).rows // biome-ignore format: a table
  const { bytes } = row as TrieRow
  for (let end = 1; end < bytes.length; end++) {
    if (end > 1) assert.throws(() => unpackRow({ id: 1, bytes: bytes.subarray(0, end) }), /damaged/)
  }
  assert.throws(() => unpackRow({ id: 1, bytes: Uint8Array.of(9, ...bytes.subarray(1)) }), /unknown format/)
  assert.throws(() => unpackRow({ id: 1, bytes: Uint8Array.of() }), /unknown format/)
})

test('rows of the first format are still read', () => {
  const store = new TrieStore()
  // Two nodes, the second with the first as its child, and with one in row 3.
  const first = [0b11, 0, 1, 10, 2, 0x81, 1]
  const second = [0b10000, 0b1100000, 9, 90, 1, ...[0x80, 0x0c]]
  store.rows.set(7, Uint8Array.of(1, 2, ...first, ...second))
  assert.deepEqual(slotsOf(store.node(7 * 256)).slice(0, 3), [{ key: 1, value: 10 }, { key: 2, value: 129 }, undefined]) // biome-ignore format: a table
  assert.deepEqual(slotsOf(store.node(7 * 256 + 1)).slice(4, 7), [{ key: 9, value: 90 }, { child: 7 * 256 }, { child: 3 * 256 }]) // biome-ignore format: a table
})

test('at 100,000 entries a change is cheap to store, to find and to compare', () => {
  const store = new TrieStore()
  const firstEvent = 10 ** 9
  const size = 100_000
  const build = Array.from({ length: size }, (_, index) => [index + 1, firstEvent + index] as const)
  store.nextRow = 10 ** 7
  let root = store.edit(0, build)
  let bytes = 0
  const changes = 200
  for (let index = 0; index < changes; index++) {
    const changed = ((index * 7919) % size) + 1
    const edited = store.change(root, [[changed, 2 * firstEvent + index]])
    assert.equal(edited.rows.length, 1)
    bytes += edited.rows[0]?.bytes.length ?? 0

    const difference = store.run((source) => diff(source, root, edited.root))
    assert.deepEqual([...difference.keys()], [changed])
    assert.ok(store.asked.flat().length <= 14, 'a comparison reads only the two paths')
    root = edited.root
  }
  assert.ok(bytes / changes < 320, `${bytes / changes} bytes a change`)
})
