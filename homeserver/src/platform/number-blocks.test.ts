import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Db, one, sql } from './database.ts'
import { numberBlocks } from './number-blocks.ts'
import { scratchDatabase } from './scratch-database.ts'

async function start() {
  const database = await scratchDatabase()
  await database.query(sql`create sequence numbers increment by 10`)
  let reads = 0
  const db: Db = {
    query(statement) {
      reads++
      return database.query(statement)
    },
  }
  return { db, reads: () => reads, [Symbol.asyncDispose]: database[Symbol.asyncDispose] }
}

const take = (next: () => number, count: number) => Array.from({ length: count }, next)

test('numbers come from memory, a block at a read', async () => {
  await using at = await start()
  const blocks = numberBlocks(at.db, 'numbers')
  assert.deepEqual(take(await blocks.ready(4), 4), [1, 2, 3, 4])
  assert.deepEqual(take(await blocks.ready(6), 6), [5, 6, 7, 8, 9, 10])
  assert.equal(at.reads(), 1)
  assert.deepEqual(take(await blocks.ready(12), 12).at(-1), 22)
  assert.equal(at.reads(), 3)
})

test('no number is given twice, to whoever asks at once and in whatever process', async () => {
  await using at = await start()
  const processes = [numberBlocks(at.db, 'numbers'), numberBlocks(at.db, 'numbers')]
  const asked = processes.flatMap((blocks) => Array.from({ length: 20 }, (_, n) => blocks.ready(n % 7)))
  const given = (await Promise.all(asked)).flatMap((next, index) => take(next, (index % 20) % 7))
  assert.equal(new Set(given).size, given.length)
})

test('more than was set aside is a bug', async () => {
  await using at = await start()
  const next = await numberBlocks(at.db, 'numbers').ready(1)
  next()
  assert.throws(next, /set aside/)
})

test('a read that fails is tried again by the next who asks', async () => {
  await using at = await start()
  let down = true
  const db: Db = { query: (statement) => (down ? Promise.reject(new Error('away')) : at.db.query(statement)) }
  const blocks = numberBlocks(db, 'numbers')
  await assert.rejects(blocks.ready(1), /away/)
  down = false
  assert.equal((await blocks.ready(1))(), 1)
  assert.deepEqual(await one(at.db, sql`select last_value from numbers`), { last_value: 1 })
})
