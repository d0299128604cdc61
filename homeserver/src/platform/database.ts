/**
 * PostgreSQL, as the rest of the server sees it.
 *
 * Reads share a few pipelined connections (twice as fast as a pool of single-query ones). Writes outside the log
 * take a pooled connection for the length of `transaction`. The log's committer has a connection of its own (`connect`).
 */
import pg from 'pg'
import { columnTypes } from './column-types.ts'
import { encodeParameters } from './parameters.ts'
import { DatabaseUnavailable, readConnections } from './read-connections.ts'

/** A statement with numbered placeholders. Made by `sql`; its text is stable for a call site, its values vary. */
export interface Sql {
  text: string
  values: unknown[]
}

/** What a function needs that only reads. */
export interface Db {
  query<R>(statement: Sql): Promise<R[]>
}

/** What a function needs that writes: it runs inside a transaction. */
export interface Tx extends Db {
  readonly tx: true
}

export interface Database extends Db {
  /** Runs `work` between BEGIN and COMMIT; rolls back when it throws. Not for the log: see `log/`. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** A connection of one's own, pipelined. The caller listens to its 'error' event and ends it. */
  connect(): Promise<pg.Client>
  close(): Promise<void>
}

export interface DatabaseOptions {
  url: string
  /** Told of failures that no caller sees: an idle connection that broke. */
  report?: (what: string, error: unknown) => void
  /** Pipelined connections for reads. */
  readConnections?: number
  /** At most this many transactions at once; more wait. */
  transactionConnections?: number
  /** How long a connection, or a turn on one, may take to get. */
  connectTimeoutMs?: number
}

/** Times in milliseconds. A statement may take long, a transaction may not idle: it could hold locks for a frozen process. */
const CONNECT_TIMEOUT_MS = 10_000
const STATEMENT_TIMEOUT_MS = 30_000
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000
/** Longer than the server's own limit, so that it ends only what the server no longer answers. */
const ANSWER_TIMEOUT_MS = 40_000

const fragments = new WeakSet<object>()

/** `sql\`select … where room = ${room}\``: values become parameters; a nested `Sql` becomes part of the text. */
export function sql(strings: TemplateStringsArray, ...values: unknown[]): Sql {
  let text = strings[0] ?? ''
  const parameters: unknown[] = []
  for (const [index, value] of values.entries()) {
    if (isFragment(value)) {
      const shift = parameters.length
      text += shift === 0 ? value.text : value.text.replace(/\$(\d+)/g, (_, n) => `$${Number(n) + shift}`)
      parameters.push(...value.values)
    } else {
      text += `$${parameters.push(value)}`
    }
    text += strings[index + 1]
  }
  const statement = { text, values: parameters }
  fragments.add(statement)
  return statement
}

// By identity, not by shape: an object out of a request body must never become SQL text.
const isFragment = (value: unknown): value is Sql =>
  typeof value === 'object' && value !== null && fragments.has(value)

export const many = <R>(db: Db, statement: Sql): Promise<R[]> => db.query<R>(statement)

export async function maybeOne<R>(db: Db, statement: Sql): Promise<R | undefined> {
  const rows = await db.query<R>(statement)
  if (rows.length > 1) throw new Error(`at most one row was expected, got ${rows.length}: ${statement.text}`)
  return rows[0]
}

export async function one<R>(db: Db, statement: Sql): Promise<R> {
  const row = await maybeOne<R>(db, statement)
  if (row === undefined) throw new Error(`one row was expected, got none: ${statement.text}`)
  return row
}

export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const report = options.report ?? (() => {})
  const config: pg.ClientConfig = {
    connectionString: options.url,
    types: columnTypes,
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
  }
  const shared = {
    ...config,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
  }
  const reads = readConnections(() => connected(new pg.Client(shared)), options.readConnections ?? 4)
  const pool = new pg.Pool({ ...shared, max: options.transactionConnections ?? 8, idleTimeoutMillis: 60_000 })
  pool.on('error', (error) => report('an idle database connection broke', error))
  await reads.query({ text: 'select 1', values: [] })
  return {
    query: async <R>(statement: Sql) => (await reads.query(statement)) as R[],
    transaction: (work) => runTransaction(pool, work),
    connect: () => connected(new pg.Client(config)),
    async close() {
      await Promise.all([reads.close(), pool.end()])
    },
  }
}

async function connected(client: pg.Client): Promise<pg.Client> {
  await client.connect()
  return client
}

async function runTransaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((cause: unknown) => {
    throw new DatabaseUnavailable('no connection for a transaction', { cause })
  })
  const tx: Tx = {
    tx: true,
    query: async <R>({ text, values }: Sql) =>
      (await client.query({ text, values: encodeParameters(values) })).rows as R[],
  }
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(tx)
    // COMMIT of a transaction in which a statement failed succeeds, as ROLLBACK.
    const { command } = await client.query('commit')
    if (command !== 'COMMIT')
      throw new Error('the transaction was rolled back: one of its statements had failed')
    return result
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure
    })
    throw error
  } finally {
    client.release(broken)
  }
}
