import type { Position } from './log.ts'

/** Those who wait for the tail to come to a position. */
export interface Waiters {
  wait(position: Position, signal?: AbortSignal): Promise<void>
  /** Wakes those who waited for this position or an earlier one. */
  wake(head: Position): void
}

interface Waiter {
  position: Position
  wake(): void
}

export function createWaiters(): Waiters {
  const waiting = new Set<Waiter>()
  return {
    wait(position, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const leave = () => {
          waiting.delete(waiter)
          signal?.removeEventListener('abort', onAbort)
        }
        const onAbort = () => {
          leave()
          reject(signal?.reason)
        }
        const wake = () => {
          leave()
          resolve()
        }
        const waiter = { position, wake }
        waiting.add(waiter)
        signal?.addEventListener('abort', onAbort)
      })
    },
    wake(head) {
      for (const waiter of waiting) if (waiter.position <= head) waiter.wake()
    },
  }
}
