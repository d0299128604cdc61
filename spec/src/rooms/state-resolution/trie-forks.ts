import type { Difference } from '../state-trie.ts'

export interface TrieForks {
  /** The keys on which the states differ. */
  keys: number[]
  /** Per state, its entries under `keys`, undefined where it has none. */
  forks: (number | undefined)[][]
}

/** @param differences how each of the other states differs from the first: what it costs follows them, not the states */
export function inColumns(differences: readonly ReadonlyMap<number, Difference>[]): TrieForks {
  const columns = new Map<number, number>()
  const first: (number | undefined)[] = []
  for (const difference of differences) {
    for (const [key, { before }] of difference) {
      if (columns.has(key)) continue
      columns.set(key, columns.size)
      first.push(before)
    }
  }
  const forks = differences.map((difference) => {
    const fork = first.slice()
    for (const [key, { after }] of difference) fork[columns.get(key) as number] = after
    return fork
  })
  return { keys: [...columns.keys()], forks: [first, ...forks] }
}
