import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkDatabase, faultOf } from './check-database.ts'
import { openDatabase, sql } from './database.ts'
import { scratchDatabase } from './scratch-database.ts'

const sound = {
  version: 18,
  fsync: 'on',
  synchronousCommit: 'on',
  encoding: 'UTF8',
  provider: 'b',
  collation: 'C.UTF-8',
}

test('O1: a database that may lose what it acknowledged, or is old or of another order, is refused', () => {
  assert.equal(faultOf(sound), undefined)
  assert.equal(faultOf({ ...sound, provider: 'c', collation: 'C' }), undefined)
  assert.equal(faultOf({ ...sound, synchronousCommit: 'remote_apply' }), undefined)
  assert.match(faultOf({ ...sound, version: 14 }) ?? '', /PostgreSQL 14/)
  assert.match(faultOf({ ...sound, fsync: 'off' }) ?? '', /fsync/)
  assert.match(faultOf({ ...sound, synchronousCommit: 'off' }) ?? '', /synchronous_commit/)
  assert.match(faultOf({ ...sound, encoding: 'SQL_ASCII' }) ?? '', /SQL_ASCII/)
  assert.match(faultOf({ ...sound, provider: 'c', collation: 'en_US.UTF-8' }) ?? '', /en_US/)
  assert.match(faultOf({ ...sound, provider: 'i', collation: 'C' }) ?? '', /collation/)
})

test('O1: the settings of the very database are asked', async () => {
  await using scratch = await scratchDatabase()
  await checkDatabase(scratch)
  const [row] = await scratch.query<{ name: string }>(sql`select current_database() as name`)
  await scratch.transaction((tx) =>
    tx.query({ text: `alter database "${row?.name}" set synchronous_commit = off`, values: [] }),
  )

  const database = await openDatabase({ url: scratch.url })
  await assert.rejects(checkDatabase(database), {
    name: 'StartError',
    message: /the database cannot be used: synchronous_commit is off/,
  })
  await database.close()
})
