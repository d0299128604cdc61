import type { TrieRow } from '@kith/spec/rooms/state-trie'
import type { Db } from '../../platform/database.ts'
import { stateRows } from '../../storage/states.ts'

/** @throws Error when there is no such row */
export type StateRowLoader = (id: number) => Promise<TrieRow>

/**
 * Reads rows of trie nodes: all that is asked for in one turn of the event loop in one query, by whomever; a row that is on its way
 * is not read twice.
 */
export function stateRowLoader(db: Db): StateRowLoader {
  const loading = new Map<number, Promise<TrieRow>>()
  let next: { ids: number[]; rows: Promise<Map<number, TrieRow>> } | undefined

  async function readAll(ids: number[]): Promise<Map<number, TrieRow>> {
    await new Promise<void>((resolve) => setImmediate(resolve))
    next = undefined
    const rows = await stateRows(db, ids)
    return new Map(rows.map((row) => [row.id, row]))
  }

  async function read(id: number): Promise<TrieRow> {
    if (!next) {
      const ids: number[] = []
      next = { ids, rows: readAll(ids) }
    }
    next.ids.push(id)
    const row = (await next.rows).get(id)
    if (!row) throw new Error(`row ${id} of the state trie is missing`)
    return row
  }

  return (id) => {
    const held = loading.get(id)
    if (held) return held
    const row = read(id).finally(() => loading.delete(id))
    loading.set(id, row)
    return row
  }
}
