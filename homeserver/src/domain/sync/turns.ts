import type { UserNumber } from '../../storage/interning.ts'

/** Lets changes that read before they write go one after the other, per user. */
export class Turns {
  readonly #last = new Map<UserNumber, Promise<unknown>>()

  async run<T>(user: UserNumber, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(user) ?? Promise.resolve()).then(work)
    const settled = turn.catch(() => undefined)
    this.#last.set(user, settled)
    try {
      return await turn
    } finally {
      if (this.#last.get(user) === settled) this.#last.delete(user)
    }
  }
}
