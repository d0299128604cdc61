import { Busy, Stale, Unsettled } from '../../../log/log.ts'
import { isDatabaseOutage } from '../../../platform/database-outage.ts'
import { Overloaded } from '../../../platform/gate.ts'

/** Whether an error says that the server cannot work at the moment: whoever asked is to try again. */
export function isOutage(error: unknown): boolean {
  if (error instanceof Busy || error instanceof Unsettled || error instanceof Stale) return true
  return error instanceof Overloaded || isDatabaseOutage(error)
}
