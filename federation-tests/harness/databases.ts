import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** A PostgreSQL database that only lives as long as a test. */
export interface TestDatabase extends AsyncDisposable {
  url: string
}

/**
 * Makes a database: an empty one, or a copy.
 *
 * @param serverUrl any database of the PostgreSQL server, with the right to create databases
 * @param template the name of a database that nobody is connected to
 */
export async function createDatabase(
  label: string,
  serverUrl = testDatabaseServer(),
  template = 'template0',
): Promise<TestDatabase> {
  const name = `kith_test_${label}_${randomBytes(6).toString('hex')}`.replace(/[^a-z0-9_]/g, '_')
  // Byte order is what Kith and Synapse both ask for.
  await run(serverUrl, `create database ${name} template ${template} encoding 'UTF8' locale 'C'`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => run(serverUrl, `drop database if exists ${name} with (force)`),
  }
}

function testDatabaseServer(): string {
  const url = process.env.KITH_TEST_DATABASE_URL
  if (!url)
    throw new Error('needs: KITH_TEST_DATABASE_URL, a PostgreSQL to make databases in (npm test sets it)')
  return url
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
