/** A new, empty, migrated database for one test, dropped with it: `await using database = await scratchDatabase()`. */
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type Database, openDatabase } from './database.ts'
import { migrate } from './migrations.ts'

const MIGRATIONS = fileURLToPath(new URL('../storage/migrations', import.meta.url))

export type ScratchDatabase = Database & AsyncDisposable & { url: string }

/** @param options.migrations another directory of migrations than the server's */
export async function scratchDatabase(options: { migrations?: string } = {}): Promise<ScratchDatabase> {
  const server = process.env.KITH_TEST_DATABASE_URL
  if (!server)
    throw new Error('KITH_TEST_DATABASE_URL must name a PostgreSQL server on which databases may be created')
  const name = `kith_test_${randomBytes(8).toString('hex')}`
  await onServer(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const database = await openDatabase({ url: url.href })
  const dispose = async () => {
    await database.close()
    await onServer(server, `drop database if exists ${name} with (force)`)
  }
  try {
    await migrate(database, options.migrations ?? MIGRATIONS)
  } catch (error) {
    await dispose()
    throw error
  }
  return { ...database, url: url.href, [Symbol.asyncDispose]: dispose }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
