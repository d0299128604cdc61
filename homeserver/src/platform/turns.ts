/** Lets tasks of one name go one after the other, in the order they came; those of different names side by side. */
export interface Turns {
  run<T>(name: string, work: () => Promise<T>): Promise<T>
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return {
    async run(name, work) {
      const turn = (last.get(name) ?? Promise.resolve()).then(work)
      const settled = turn.catch(() => undefined)
      last.set(name, settled)
      try {
        return await turn
      } finally {
        if (last.get(name) === settled) last.delete(name)
      }
    },
  }
}
