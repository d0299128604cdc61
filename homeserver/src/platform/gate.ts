/** More work is waiting than may wait. */
export class Overloaded extends Error {
  override name = 'Overloaded'
  /** Milliseconds after which it makes sense to ask again. */
  readonly retryAfterMs: number
  constructor(what: string, retryAfterMs: number) {
    super(`too much ${what} is waiting`)
    this.retryAfterMs = retryAfterMs
  }
}

export interface Gate {
  /** @throws Overloaded at once when the queue is full */
  run<T>(work: () => Promise<T>): Promise<T>
}

/** Lets a bounded number of tasks run at a time, and a bounded number wait for their turn, in order. */
export function createGate(options: { what: string; running: number; waiting: number }): Gate {
  const queue: (() => void)[] = []
  let running = 0
  return {
    async run(work) {
      if (running >= options.running) {
        if (queue.length >= options.waiting) throw new Overloaded(options.what, 2000)
        await new Promise<void>((start) => queue.push(start))
      } else {
        running += 1
      }
      try {
        return await work()
      } finally {
        // The place is handed to the next in the queue, so that nobody can slip in between.
        const next = queue.shift()
        if (next) next()
        else running -= 1
      }
    },
  }
}
