import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { entries, Marks, mark, type NodeId, rowOf } from './state-trie.ts'
import { childrenOf } from './state-trie-node.ts'
import { apply, history, sorted, TrieStore } from './test-trie-store.ts'

function marksOf(store: TrieStore, ...groups: NodeId[][]): Marks {
  const marks = new Marks()
  for (const roots of groups) {
    const walk = mark(marks, roots)
    for (let step = walk.next([]); !step.done; ) {
      step = walk.next(step.value.map((id) => ({ id, bytes: store.rows.get(id) as Uint8Array })))
    }
  }
  return marks
}

/** The rows of all that a root reaches, by the plainest way there is. */
function rowsUnder(store: TrieStore, id: NodeId): number[] {
  return id === 0
    ? []
    : [rowOf(id), ...childrenOf(store.node(id)).flatMap((child) => rowsUnder(store, child))]
}

test('what some snapshots reach is marked, and nothing else: the others can be swept away', () => {
  fc.assert(
    fc.property(history, fc.infiniteStream(fc.boolean()), (batches, kept) => {
      const store = new TrieStore()
      const snapshots = [{ root: 0, map: new Map<number, number>() }]
      for (const edits of batches) {
        const last = snapshots.at(-1)
        assert.ok(last)
        snapshots.push({ root: store.edit(last.root, edits), map: apply(last.map, edits) })
      }
      const living = snapshots.filter(() => kept.next().value)
      const [first, ...others] = living.map(({ root }) => root)

      // In two goes, as a room's roots are read by pages.
      const marks = marksOf(store, first === undefined ? [] : [first], others)

      const reached = new Set(living.flatMap(({ root }) => rowsUnder(store, root)))
      for (const row of store.rows.keys()) assert.equal(marks.hasRow(row), reached.has(row))
      for (const row of [...store.rows.keys()]) if (!marks.hasRow(row)) store.rows.delete(row)
      for (const { root, map } of living) {
        assert.deepEqual(sorted(store.run((source) => entries(source, root))), sorted(map))
      }
    }),
    { numRuns: 100 },
  )
})

test('a state of many rows is marked whole, each row read about once', () => {
  const store = new TrieStore()
  const root = store.edit(
    0,
    Array.from({ length: 20_000 }, (_, at) => [at, at] as const),
  )
  const asked: number[] = []
  const walk = mark(new Marks(), [root])
  for (let step = walk.next([]); !step.done; ) {
    asked.push(...step.value)
    step = walk.next(step.value.map((id) => ({ id, bytes: store.rows.get(id) as Uint8Array })))
  }
  assert.equal(new Set(asked).size, store.rows.size)
  assert.ok(asked.length < 5 * store.rows.size, `${asked.length} reads of ${store.rows.size} rows`)
})
