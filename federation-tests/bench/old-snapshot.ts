import pg from 'pg'

/**
 * Opens a transaction that sees the database as it is now until it is closed, so that no row deleted or replaced from now
 * on can be removed.
 */
export async function holdSnapshot(databaseUrl: string): Promise<AsyncDisposable> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('set transaction_timeout = 0')
  await client.query('begin isolation level repeatable read')
  // A snapshot is taken by the first statement that reads.
  await client.query('select count(*) from pg_class')
  return {
    async [Symbol.asyncDispose]() {
      await client.query('rollback')
      await client.end()
    },
  }
}
