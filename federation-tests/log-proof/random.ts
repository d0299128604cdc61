/** Chance that can be played again: the same seed gives the same numbers (mulberry32). */
export interface Random {
  /** At least 0, below 1. */
  next(): number
  /** Whole, at least `from`, below `to`. */
  between(from: number, to: number): number
  pick<T>(items: readonly [T, ...T[]]): T
}

export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from))
  return { next, between, pick: (items) => items[between(0, items.length)] ?? items[0] }
}
