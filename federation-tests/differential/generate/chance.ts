import { type Random, seeded } from '../../log-proof/random.ts'

/** Chance with the words that generators use. */
export interface Chance extends Random {
  /** Whether something of this probability happens. */
  is(probability: number): boolean
  /** By weight. */
  weighted<T>(choices: readonly (readonly [weight: number, value: T])[]): T
  some<T>(items: readonly T[], probability: number): T[]
}

export function chance(seed: number): Chance {
  const random = seeded(seed)
  return {
    ...random,
    is: (probability) => random.next() < probability,
    weighted(choices) {
      let left = random.next() * choices.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, value] of choices) {
        left -= weight
        if (left < 0) return value
      }
      throw new Error('nothing to choose from')
    },
    some: (items, probability) => items.filter(() => random.next() < probability),
  }
}
