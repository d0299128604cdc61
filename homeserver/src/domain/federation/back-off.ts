import type { Clock } from '../../platform/clock.ts'
import { LruMap } from '../../platform/lru-map.ts'

/** Which servers could not be reached lately, so that nobody waits for them in vain. In memory only. */
export interface BackOff {
  /** Milliseconds until a server should be tried again; 0 when it may be now. */
  waitMs(server: string): number
  /** @param atLeastMs how long the server itself asked to be left alone */
  failed(server: string, atLeastMs?: number): void
  /** It answered, or it was heard of in another way: it may be tried at once. */
  succeeded(server: string): void
}

const firstWaitMs = 1000
const longestWaitMs = 10 * 60_000

export function createBackOff(clock: Clock): BackOff {
  const servers = new LruMap<string, { failures: number; until: number }>(10_000)
  const waitMs = (server: string) => Math.max(0, (servers.get(server)?.until ?? 0) - clock.now())
  return {
    waitMs,
    failed(server, atLeastMs = 0) {
      // Requests that were under way together fail together, and count once.
      const failures = (servers.get(server)?.failures ?? 0) + (waitMs(server) > 0 ? 0 : 1)
      const delayMs = Math.max(retryDelayMs(failures) * (0.5 + Math.random() / 2), atLeastMs)
      servers.set(server, { failures, until: clock.now() + Math.min(delayMs, longestWaitMs) })
    },
    succeeded(server) {
      servers.delete(server)
    },
  }
}

/**
 * How long to wait before trying a server again.
 *
 * @param failures consecutive failures, at least 1
 * @returns milliseconds: 1 s doubled per failure, capped at 10 minutes. Without jitter.
 */
function retryDelayMs(failures: number): number {
  return Math.min(firstWaitMs * 2 ** (failures - 1), longestWaitMs)
}
