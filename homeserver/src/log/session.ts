/**
 * The committer's own connection: sends a transaction whole, COMMIT included, in one round trip, and tells what became of it.
 *
 * Only the answer to COMMIT decides. COMMIT: it is written. ROLLBACK: a statement failed, nothing is written. No
 * answer: unknown, until `settle` has looked, on a new connection and under the head lock.
 */
import type pg from 'pg'
import type { Database } from '../platform/database.ts'
import type { Prepared } from './batch.ts'
import type { LogLimits } from './limits.ts'
import type { Position } from './log.ts'

export type Outcome =
  /** `base` is the position before the first of the batch. */
  { is: 'committed'; base: Position } | { is: 'failed'; error: Error } | { is: 'unknown' }

export interface Session {
  /** @throws when the database cannot be reached: nothing was sent then */
  transact(statements: Prepared[]): Promise<Outcome>
  /**
   * @param after a position known before the batch was sent
   * @returns the position before the batch's first; undefined when it was not written, and then it never will be
   * @throws when the database cannot be reached
   */
  settle(batch: bigint, after: Position): Promise<Position | undefined>
  /** Drops the connection; the next call makes a new one. */
  reset(): void
  close(): Promise<void>
}

export function createSession(database: Database, limits: LogLimits): Session {
  let current: pg.Client | undefined

  async function connected(): Promise<pg.Client> {
    if (current) return current
    const client = await database.connect()
    const forget = () => {
      if (current === client) current = undefined
    }
    client.on('error', forget)
    client.on('end', forget)
    await client.query(settings(limits))
    current = client
    return client
  }

  function reset(): void {
    current?.connection.stream.destroy()
    current = undefined
  }

  /** A connection that gives no answer is cut, so that the answer becomes "unknown" in time. */
  async function answered<T>(client: pg.Client, work: Promise<T>): Promise<T> {
    const cut = setTimeout(() => client.connection.stream.destroy(), limits.transactionTimeoutMs + 1000)
    try {
      return await work
    } finally {
      clearTimeout(cut)
    }
  }

  return {
    async transact(statements) {
      const client = await connected()
      const outcome = await answered(client, sendWhole(client, statements))
      if (outcome.is === 'unknown') reset()
      return outcome
    },
    async settle(batch, after) {
      const client = await connected()
      const text = 'select log_settle($1, $2) as base'
      const asked = client.query<{ base: Position | null }>({ text, values: [String(batch), String(after)] })
      try {
        return (await answered(client, asked)).rows[0]?.base ?? undefined
      } catch (error) {
        reset()
        throw error
      }
    },
    reset,
    async close() {
      await current?.end()
    },
  }
}

async function sendWhole(client: pg.Client, statements: Prepared[]): Promise<Outcome> {
  const { stream } = client.connection
  stream.cork()
  const sent = [
    client.query('begin isolation level read committed read write'),
    ...statements.map((statement) => client.query<{ base?: Position }>(statement)),
    client.query('commit'),
  ]
  stream.uncork()
  const answers = await Promise.allSettled(sent)
  const commit = answers.at(-1)
  if (commit?.status !== 'fulfilled') return { is: 'unknown' }
  if (commit.value.command === 'COMMIT') {
    const entered = answers[1]
    const base = entered?.status === 'fulfilled' ? entered.value.rows[0]?.base : undefined
    return base === undefined ? { is: 'unknown' } : { is: 'committed', base }
  }
  const failed = answers.find((answer) => answer.status === 'rejected')
  return { is: 'failed', error: failed?.reason ?? new Error('the database rolled back without an error') }
}

const settings = (limits: LogLimits): string => `
  set statement_timeout = ${limits.statementTimeoutMs};
  set lock_timeout = ${limits.lockTimeoutMs};
  set idle_in_transaction_session_timeout = ${limits.idleTimeoutMs};
  select set_config('transaction_timeout', '${limits.transactionTimeoutMs}', false)
  where current_setting('server_version_num')::integer >= 170000`
