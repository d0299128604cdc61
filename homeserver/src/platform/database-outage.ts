/** Which failures say that the database cannot work just now, and not that what it was asked for is wrong. */
import { DatabaseUnavailable } from './read-connections.ts'

/**
 * Connection, resources (disk full, memory), locks and timeouts, shutdown, system errors, deadlocks; by class of SQLSTATE. Then a
 * server that became read-only, and prepared statements that the connection no longer has or that a migration outdated.
 */
const passing = /^(08|53|55|57|58|40)|^(25006|25P03|25P04|26000|42P05|0A000)$/
const noConnection = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH'])
/** What the client library throws without a code. */
const cutOff = /^(Connection terminated|Client has encountered a connection error|Query read timeout)/

/** Whether a statement that failed with this SQLSTATE may pass later. */
export const isPassing = (state: string): boolean => passing.test(state)

export function isDatabaseOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof DatabaseUnavailable) return true
  const code = 'code' in error ? error.code : undefined
  if (typeof code === 'string') return noConnection.has(code) || isPassing(code)
  return cutOff.test(error.message)
}

/** Whether the database has no room left to write. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '53100'
