/** Why a transaction failed, by the database's error. */
import { isPassing } from '../platform/database-outage.ts'

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

export function failureOf(error: Error): Failure {
  const { code, detail } = error as Error & { code?: unknown; detail?: unknown }
  if (typeof code !== 'string') return { is: 'poisoned' }
  if (code === UNITS_LOST && typeof detail === 'string') {
    const { void: isVoid, keys, rooms } = JSON.parse(detail)
    return isVoid ? { is: 'passing' } : { is: 'lost', keys, rooms }
  }
  return isPassing(code) ? { is: 'passing' } : { is: 'poisoned' }
}
