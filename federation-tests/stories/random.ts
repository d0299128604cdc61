import { randomInt } from 'node:crypto'

/** Reproducible choices. */
export interface Random {
  /** From 0 up to, but not including, `limit`. */
  below(limit: number): number
  pick<T>(from: readonly T[]): T | undefined
  chance(probability: number): boolean
  /** Independent choices for one of several who act at the same time, the same for the same name. */
  fork(name: string): Random
}

/** A seed from KITH_SEED, to repeat a failure, or a new one. */
export function storySeed(): number {
  return Number(process.env.KITH_SEED) || randomInt(1, 2 ** 31)
}

export function random(seed: number): Random {
  let state = seed >>> 0
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    pick: (from) => from[below(from.length)],
    chance: (probability) => next() < probability,
    fork: (name) =>
      random([...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), seed)),
  }
}

/** Runs a story and, when it fails, says with which seed. */
export async function withSeed(story: (seed: number) => Promise<void>): Promise<void> {
  const seed = storySeed()
  try {
    await story(seed)
  } catch (error) {
    throw new Error(`failed with KITH_SEED=${seed}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
}
