import { randomBytes } from 'node:crypto'

/** Ids that tell requests apart in the log, across processes and restarts: `k3f9Qw-1f`. */
export function requestIds(): () => string {
  const prefix = randomBytes(6).toString('base64url')
  let count = 0
  return () => `${prefix}-${(++count).toString(36)}`
}
