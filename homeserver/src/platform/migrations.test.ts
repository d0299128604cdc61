import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { many, openDatabase, sql } from './database.ts'
import { migrate } from './migrations.ts'
import { scratchDatabase } from './scratch-database.ts'

async function startWith(files: Record<string, string>) {
  const directory = await mkdtemp(path.join(tmpdir(), 'kith-migrations-'))
  const write = async (name: string, text: string) => writeFile(path.join(directory, name), text)
  for (const [name, text] of Object.entries(files)) await write(name, text)
  const database = await scratchDatabase({ migrations: directory })
  const dispose = async () => {
    await database[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  }
  return { directory, write, database, [Symbol.asyncDispose]: dispose }
}

const first = `create table steps (n integer); insert into steps values (1);`

test('migrations run in the order of their names, each once, new ones later', async () => {
  await using at = await startWith({
    '0002-b.sql': 'insert into steps values (2)',
    '0001-a.sql': first,
    'x.txt': 'no',
  })
  await at.write('0003-c.sql', 'insert into steps values (3)')
  await migrate(at.database, at.directory)
  await migrate(at.database, at.directory)
  assert.deepEqual(await many(at.database, sql`select n from steps`), [{ n: 1 }, { n: 2 }, { n: 3 }])
})

test('processes that start together migrate once', async () => {
  await using at = await startWith({ '0001-a.sql': first })
  const others = await Promise.all([1, 2, 3].map(() => openDatabase({ url: at.database.url })))
  await at.write('0002-b.sql', 'insert into steps values (2); select pg_sleep(0.1)')
  await Promise.all(others.map((other) => migrate(other, at.directory)))
  assert.deepEqual(await many(at.database, sql`select n from steps`), [{ n: 1 }, { n: 2 }])
  for (const other of others) await other.close()
})

test('a migration that fails leaves nothing of itself, and stops the start by name', async () => {
  await using at = await startWith({ '0001-a.sql': first })
  await at.write('0002-b.sql', 'insert into steps values (2); insert into nowhere values (1)')
  await assert.rejects(migrate(at.database, at.directory), /0002-b\.sql failed.*nowhere/)
  assert.deepEqual(await many(at.database, sql`select n from steps`), [{ n: 1 }])
  await at.write('0002-b.sql', 'insert into steps values (2)')
  await migrate(at.database, at.directory)
  assert.deepEqual(await many(at.database, sql`select n from steps`), [{ n: 1 }, { n: 2 }])
})

test('a migration that was changed after it ran stops the start by name', async () => {
  await using at = await startWith({ '0001-a.sql': first })
  await at.write('0001-a.sql', `${first} -- and more`)
  await assert.rejects(migrate(at.database, at.directory), /0001-a\.sql was changed/)
})
