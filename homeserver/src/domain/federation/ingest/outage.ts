import { failureOf } from '../../../log/failures.ts'
import { Busy, Stale, Unsettled } from '../../../log/log.ts'
import { Overloaded } from '../../../platform/gate.ts'

/** Whether an error says that the server cannot work at the moment: whoever asked is to try again. */
export function isOutage(error: unknown): boolean {
  if (error instanceof Busy || error instanceof Unsettled || error instanceof Stale) return true
  if (error instanceof Overloaded) return true
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  if (typeof code === 'string') return /^E[A-Z]+$/.test(code) || failureOf(error).is === 'passing'
  return /^(Connection terminated|Client has encountered a connection error)/.test(error.message)
}
