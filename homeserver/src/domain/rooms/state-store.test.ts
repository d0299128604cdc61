import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Database, type Db, many, sql } from '../../platform/database.ts'
import { scratchDatabase } from '../../platform/scratch-database.ts'
import { storeStateRows } from '../../storage/states.ts'
import { StateStore } from './state-store.ts'

const room = 1

/** Counts the reads of trie rows. */
function counting(database: Database) {
  const reads: number[][] = []
  const counted: Database = {
    ...database,
    query(statement) {
      if (statement.text.includes('from state_nodes')) reads.push(statement.values[0] as number[])
      return database.query(statement)
    },
  }
  return { database: counted, reads }
}

async function stored(database: Database, entries: ReadonlyMap<number, number>) {
  const { root, rows } = await new StateStore(database).write(0, entries)
  await storeStateRows(database, room, rows)
  return { root, rows }
}

const numbered = (count: number, from = 0) =>
  new Map(Array.from({ length: count }, (_, at) => [from + at + 1, 10_000 + at]))

const rowCount = async (db: Db) =>
  (await many<{ count: number }>(db, sql`select count(*) from state_nodes`))[0]?.count

test('walks that run at the same time read a level of them all in one query, and no row twice', async () => {
  await using scratch = await scratchDatabase()
  const roots = []
  for (let at = 0; at < 5; at++) roots.push((await stored(scratch, numbered(3000, at))).root)
  const { database, reads } = counting(scratch)
  const cold = new StateStore(database)

  const lookups = roots.map((root, at) => cold.lookup(root, [at + 5, at + 50, at + 500]))
  const twice = roots.map((root) => cold.entries(root))
  for (const found of await Promise.all(lookups)) assert.equal(found.size, 3)
  for (const found of await Promise.all(twice)) assert.equal(found.size, 3000)

  const rows = reads.flat()
  assert.equal(new Set(rows).size, rows.length, 'a row that is on its way is not read again')
  assert.ok(reads.length <= 4, `${reads.length} queries for the levels of ten walks`)
  assert.equal((await cold.lookup(roots[0] as number, [9])).size, 1)
  assert.equal(reads.flat().length, rows.length, 'what is in memory is not read')
})

test('a row that is not there is an error for those who need it, and for nobody else', async () => {
  await using scratch = await scratchDatabase()
  const { root, rows } = await stored(scratch, numbered(10))
  const states = new StateStore(scratch)
  const missing = states.lookup(root + 256 * rows.length, [1])
  const there = states.lookup(root, [1])
  await assert.rejects(missing, /missing/)
  assert.equal((await there).get(1), 10_000)
})

const history = fc.array(fc.array(fc.tuple(fc.nat({ max: 300 }), fc.nat({ max: 50 })), { maxLength: 150 }), {
  minLength: 1,
  maxLength: 4,
})

test('a whole state written near another one is that state, whatever lies between them', async () => {
  await using scratch = await scratchDatabase()
  await fc.assert(
    fc.asyncProperty(history, async (states) => {
      let near = 0
      for (const state of states) {
        const wanted = new Map(state)
        const { root, rows } = await new StateStore(scratch).write(near, wanted)
        await storeStateRows(scratch, room, rows)
        const cold = new StateStore(scratch)
        assert.deepEqual([...(await cold.entries(root))].sort(byKey), [...wanted].sort(byKey))
        assert.deepEqual(root === near, near !== 0 && (await cold.diff(near, root)).size === 0 || root === 0 && near === 0) // biome-ignore format: one thought
        near = root
      }
    }),
    { numRuns: 25 },
  )
})

const byKey = ([a]: [number, number], [b]: [number, number]) => a - b

test('a whole state costs what it differs by', async () => {
  await using scratch = await scratchDatabase()
  const states = new StateStore(scratch)
  const before = numbered(20_000)
  const { root } = await stored(scratch, before)
  const rowsBefore = await rowCount(scratch)
  const after = new Map(before).set(77, 5).set(30_000, 6)
  after.delete(99)

  const { rows } = await states.write(root, after)

  assert.equal(rows.length, 1)
  assert.ok((rows[0]?.bytes.length ?? 0) < 1000)
  assert.ok((rowsBefore ?? 0) > 10, 'written anew it would have been as many')
  assert.deepEqual((await states.write(root, before)).rows, [])
})

test('a large state is written and read with pauses, and takes no more room for that', async () => {
  await using scratch = await scratchDatabase()
  const states = new StateStore(scratch)
  const wanted = numbered(50_000)
  let turns = 0
  let isRunning = true
  const count = () => {
    turns++
    if (isRunning) setImmediate(count)
  }
  setImmediate(count)
  const { root, rows } = await states.write(0, wanted)
  const written = turns
  assert.ok(written >= 20, `${written} turns of the event loop`)
  const found = await states.entries(root)
  assert.ok(turns - written >= 5, `${turns - written} turns of the event loop`)
  isRunning = false
  assert.deepEqual([...found].sort(byKey), [...wanted])
  const bytes = rows.reduce((sum, row) => sum + row.bytes.length, 0)
  assert.ok(bytes < 11 * wanted.size, `${bytes} bytes`)
})

test('keys that part ways at the last level are told apart, in one edit and in another', async () => {
  await using scratch = await scratchDatabase()
  const states = new StateStore(scratch)
  // By the mix of the trie's keys, these share their first 13 slots.
  const deep = (low: number, high: number) => high * 2 ** 32 + ((low ^ Math.imul(high, 0x9e3779b1)) >>> 0)
  let root = 0
  for (let low = 0; low < 3; low++) {
    root = (await states.edit(root, new Map([[deep(low, 5), 1]]))).root
    root = (await states.edit(root, new Map([[deep(low, 5 + 2 ** 20), 2]]))).root
  }
  const many = Array.from({ length: 100 }, (_, at) => [deep(at + 9, 5), deep(at + 9, 5 + 2 ** 20)])
  root = (await states.edit(root, new Map(many.flat().map((key) => [key, key % 97])))).root
  const found = await states.entries(root)
  assert.equal(found.size, 206)
  for (const key of many.flat()) assert.equal(found.get(key), key % 97)
})
