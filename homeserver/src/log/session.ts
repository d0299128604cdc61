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

export class Session {
  readonly #database: Database
  readonly #limits: LogLimits
  #client: pg.Client | undefined

  constructor(database: Database, limits: LogLimits) {
    this.#database = database
    this.#limits = limits
  }

  /** @throws when the database cannot be reached: nothing was sent then */
  async transact(statements: Prepared[]): Promise<Outcome> {
    const client = await this.#connected()
    const outcome = await this.#answered(client, sendWhole(client, statements))
    if (outcome.is === 'unknown') this.reset()
    return outcome
  }

  /**
   * @param after a position known before the batch was sent
   * @returns the position before the batch's first; undefined when it was not written, and then it never will be
   * @throws when the database cannot be reached
   */
  async settle(batch: bigint, after: Position): Promise<Position | undefined> {
    const client = await this.#connected()
    const text = 'select log_settle($1, $2) as base'
    const asked = client.query<{ base: Position | null }>({ text, values: [String(batch), String(after)] })
    try {
      return (await this.#answered(client, asked)).rows[0]?.base ?? undefined
    } catch (error) {
      this.reset()
      throw error
    }
  }

  /** Drops the connection; the next call makes a new one. */
  reset(): void {
    this.#client?.connection.stream.destroy()
    this.#client = undefined
  }

  async close(): Promise<void> {
    await this.#client?.end()
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client) return this.#client
    const client = await this.#database.connect()
    const forget = () => {
      if (this.#client === client) this.#client = undefined
    }
    client.on('error', forget).on('end', forget)
    await this.#answered(client, client.query(settings(this.#limits)))
    this.#client = client
    return client
  }

  /** A connection that gives no answer is cut, so that the answer becomes "unknown" in time. */
  async #answered<T>(client: pg.Client, work: Promise<T>): Promise<T> {
    const cut = setTimeout(() => client.connection.stream.destroy(), this.#limits.transactionTimeoutMs + 1000)
    try {
      return await work
    } finally {
      clearTimeout(cut)
    }
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
