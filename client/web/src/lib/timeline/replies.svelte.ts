import { SvelteSet } from 'svelte/reactivity'
import { core } from '../core.ts'
import { failureOf } from '../failures.svelte.ts'

/** The messages that others answer and that are not here. */
export class Replies {
  readonly #roomId: string
  readonly #wanted = new Set<string>()
  readonly #missing = new SvelteSet<string>()

  constructor(roomId: string) {
    this.#roomId = roomId
  }

  /** Fetches a message once; when there is no connection, again with the next wish. */
  want(eventId: string): void {
    if (this.#wanted.has(eventId)) return
    this.#wanted.add(eventId)
    core.commands.loadReply(this.#roomId, eventId).catch((error: unknown) => {
      const { key } = failureOf(error)
      this.#missing.add(eventId)
      if (key === 'offline' || key === 'timeout') this.#wanted.delete(eventId)
    })
  }

  /** Whether it could not be had. */
  isMissing(eventId: string): boolean {
    return this.#missing.has(eventId)
  }
}
