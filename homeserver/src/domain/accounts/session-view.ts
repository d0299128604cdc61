import type { TailRow } from '../../log/log.ts'
import { kinds } from '../../storage/kinds.ts'
import type { Caller } from './caller.ts'

/** One remembered access token. */
export interface Remembered {
  caller: Caller
  /** When the device's last sighting was noted, in milliseconds. */
  seenAt: number
}

/** Of about 500 bytes each. */
const maxSessionsInMemory = 50_000

/** The callers by the hash of their access token. It follows the log, which tells whose sessions ended. */
export class SessionView {
  readonly #byHash = new Map<string, Remembered>()
  readonly #hashesOfUser = new Map<number, Set<string>>()
  readonly #loading = new Map<string, Promise<Remembered>>()
  /** Moves with every change of any session, so that a load which ran at the same time isn't remembered. */
  #changes = 0
  readonly #maxSessions: number

  constructor(maxSessions = maxSessionsInMemory) {
    this.#maxSessions = maxSessions
  }

  /** @param load reads a caller from the database; it may throw, and then nothing is remembered */
  async get(hash: string, load: () => Promise<Caller>): Promise<Remembered> {
    const known = this.#byHash.get(hash)
    if (known) {
      if (this.#byHash.size * 2 > this.#maxSessions) this.#renew(hash, known)
      return known
    }
    const running = this.#loading.get(hash)
    if (running) return running
    const started = this.#load(hash, load).finally(() => this.#loading.delete(hash))
    this.#loading.set(hash, started)
    return started
  }

  async #load(hash: string, load: () => Promise<Caller>): Promise<Remembered> {
    const before = this.#changes
    const remembered = { caller: await load(), seenAt: 0 }
    if (before === this.#changes) this.#remember(hash, remembered)
    return remembered
  }

  /** Takes changes from the log. */
  follow(rows: readonly TailRow[]): void {
    for (const row of rows) {
      if (row.kind === kinds.session && row.user !== undefined) this.forgetUser(row.user)
    }
  }

  forgetUser(user: number): void {
    this.#changes += 1
    for (const hash of this.#hashesOfUser.get(user) ?? []) this.#byHash.delete(hash)
    this.#hashesOfUser.delete(user)
  }

  #remember(hash: string, remembered: Remembered): void {
    this.#byHash.set(hash, remembered)
    const { user } = remembered.caller
    const hashes = this.#hashesOfUser.get(user) ?? new Set()
    this.#hashesOfUser.set(user, hashes.add(hash))
    if (this.#byHash.size > this.#maxSessions) this.#forgetOldest()
  }

  #renew(hash: string, remembered: Remembered): void {
    this.#byHash.delete(hash)
    this.#byHash.set(hash, remembered)
  }

  #forgetOldest(): void {
    const [oldest] = this.#byHash
    if (!oldest) return
    const [hash, { caller }] = oldest
    this.#byHash.delete(hash)
    const hashes = this.#hashesOfUser.get(caller.user)
    hashes?.delete(hash)
    if (hashes?.size === 0) this.#hashesOfUser.delete(caller.user)
  }
}
