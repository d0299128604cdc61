import type { Logger } from '../platform/logger.ts'

export interface AccessLine {
  requestId: string
  method: string
  /** The contract's path, never the request's: that may hold tokens. */
  route: string
  status: number
  durationMs: number
}

const slowMs = 2000
const sampleEvery = 100

/**
 * Logs every failure of ours and every slow request, and one in a hundred of the others. At level `debug` all.
 *
 * @param waits whether the route may take long on purpose
 */
export function createAccessLog(logger: Logger): (line: AccessLine, waits: boolean) => void {
  let count = 0
  const all = logger.isLevelEnabled('debug')
  return (line, waits) => {
    count += 1
    if (line.status >= 500) logger.warn(line, 'request failed')
    else if (line.durationMs > slowMs && !waits) logger.warn(line, 'slow request')
    else if (all || count % sampleEvery === 0) logger.info(line, 'request')
  }
}
