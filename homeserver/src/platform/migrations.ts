/**
 * Brings the database's tables up to date: runs the `*.sql` files of a directory in the order of their names, each once
 * and in a transaction of its own, under an advisory lock, so that processes starting together do it once.
 *
 * A file that has run must never change: databases out there would differ. Its digest is kept, and a changed one stops the start.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type pg from 'pg'
import type { Database } from './database.ts'

/** An advisory lock; the log's head lock, in its migration, is the next number. */
const MIGRATION_LOCK = 0x4b49_0001

interface Migration {
  name: string
  text: string
  digest: string
}

export async function migrate(database: Database, directory: string): Promise<void> {
  const migrations = await readMigrations(directory)
  const client = await database.connect()
  client.on('error', () => {})
  try {
    await client.query(`select pg_advisory_lock(${MIGRATION_LOCK})`)
    await client.query(`create table if not exists migrations (
      name text primary key, digest text not null, applied timestamptz not null default now())`)
    const { rows } = await client.query<{ name: string; digest: string }>(
      'select name, digest from migrations',
    )
    const applied = new Map(rows.map(({ name, digest }) => [name, digest]))
    for (const migration of migrations) await apply(client, migration, applied.get(migration.name))
  } finally {
    await client.end()
  }
}

async function apply(client: pg.Client, { name, text, digest }: Migration, applied: string | undefined) {
  if (applied === digest) return
  if (applied !== undefined)
    throw new Error(`the migration ${name} was changed after it had run on this database`)
  try {
    await client.query('begin')
    await client.query(text)
    await client.query({
      text: 'insert into migrations (name, digest) values ($1, $2)',
      values: [name, digest],
    })
    const { command } = await client.query('commit')
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back')
  } catch (cause) {
    throw new Error(`the migration ${name} failed: ${String(cause)}`, { cause })
  }
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(path.join(directory, name), 'utf8')
      return { name, text, digest: createHash('sha256').update(text).digest('hex') }
    }),
  )
}
