/** Why a transaction failed, by the database's error. */

/** Units of the batch lost against what was written before: see `log_enter`. */
export interface Lost {
  is: 'lost'
  keys: { key: string; result: string }[]
  rooms: { room: number; version: number }[]
}

export type Failure =
  | Lost
  /** The database can't just now: the same batch may pass later. */
  | { is: 'passing' }
  /** Some unit of the batch will never pass. */
  | { is: 'poisoned' }

const UNITS_LOST = 'KL001'

/**
 * Connection, resources (disk full, memory), locks and timeouts, shutdown, system errors, deadlocks; by class of SQLSTATE. Then a
 * server that became read-only, and prepared statements that the connection no longer has or that a migration outdated.
 */
const PASSING = /^(08|53|55|57|58|40)|^(25006|25P03|25P04|26000|42P05|0A000)$/

export function failureOf(error: Error): Failure {
  const { code, detail } = error as Error & { code?: unknown; detail?: unknown }
  if (typeof code !== 'string') return { is: 'poisoned' }
  if (code === UNITS_LOST && typeof detail === 'string') {
    const { void: isVoid, keys, rooms } = JSON.parse(detail)
    return isVoid ? { is: 'passing' } : { is: 'lost', keys, rooms }
  }
  return PASSING.test(code) ? { is: 'passing' } : { is: 'poisoned' }
}
