/** A wait that something else can end: a connection that comes back, or somebody who doesn't want to wait. */
export interface Waker {
  /** Ends all waits. */
  wake(): void
  /** Resolves after `ms`, or when woken. Rejects with the signal's reason when that aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export function waker(): Waker {
  const sleepers = new Set<() => void>()
  return {
    wake() {
      for (const wakeUp of sleepers) wakeUp()
    },
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const end = () => {
          clearTimeout(timer)
          sleepers.delete(wakeUp)
          signal.removeEventListener('abort', abort)
        }
        const wakeUp = () => {
          end()
          resolve()
        }
        const abort = () => {
          end()
          reject(signal.reason)
        }
        const timer = setTimeout(wakeUp, ms)
        sleepers.add(wakeUp)
        signal.addEventListener('abort', abort)
      }),
  }
}

const firstMs = 1000
const longestMs = 30_000

/**
 * How long to wait after failures in a row, at least one: anything up to 1 s, doubled with each, up to 30 s. At random,
 * so that the clients of a server that comes back don't all come at once.
 *
 * @returns milliseconds
 */
export function backoffMs(failures: number, random = Math.random()): number {
  const most = Math.min(firstMs * 2 ** Math.min(failures - 1, 10), longestMs)
  return Math.round(most * (0.2 + 0.8 * random))
}
