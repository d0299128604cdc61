/** How often something may happen. */
export interface Allowance {
  perSecond: number
  /** How many at once, after a pause. */
  burst: number
}

/** Keys remembered per set of buckets; beyond it those that are full again go first. */
const maxBuckets = 100_000

/**
 * Token buckets by key. A bucket is one number: the time at which it will be full. So a key that was not used
 * for a while needs no entry.
 */
export class TokenBuckets {
  readonly #allowance: Allowance
  readonly #now: () => number
  readonly #fullAt = new Map<string, number>()

  /** @param now the time in milliseconds */
  constructor(allowance: Allowance, now: () => number) {
    this.#allowance = allowance
    this.#now = now
  }

  /** Takes one token. @returns 0, or the milliseconds until there is one; then none was taken */
  take(key: string): number {
    const waitMs = this.peek(key)
    if (waitMs === 0) this.#spend(key)
    return waitMs
  }

  /** How long until a token can be taken: 0 for now. */
  peek(key: string): number {
    const { perSecond, burst } = this.#allowance
    const now = this.#now()
    const fullAt = Math.max(this.#fullAt.get(key) ?? now, now)
    const capacityMs = (burst * 1000) / perSecond
    return Math.max(0, Math.ceil(fullAt + 1000 / perSecond - now - capacityMs))
  }

  #spend(key: string): void {
    const now = this.#now()
    const fullAt = Math.max(this.#fullAt.get(key) ?? now, now)
    // Set anew, so that the map's order is that of the last use.
    this.#fullAt.delete(key)
    this.#fullAt.set(key, fullAt + 1000 / this.#allowance.perSecond)
    if (this.#fullAt.size > maxBuckets) this.#forgetSome(now)
  }

  /** Drops full buckets among the longest unused, and the longest unused one in any case. */
  #forgetSome(now: number): void {
    let looked = 0
    for (const [key, fullAt] of this.#fullAt) {
      if (looked === 0 || fullAt <= now) this.#fullAt.delete(key)
      looked += 1
      if (looked === 16) break
    }
  }
}
