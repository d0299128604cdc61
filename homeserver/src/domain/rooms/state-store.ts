/**
 * Room states: the tries of `spec/rooms/state-trie`, with their nodes in memory as far as they fit and the rest
 * in `state_nodes`. A walk says what it lacks, level by level; each level is one query.
 */
import {
  decodeRow,
  diff,
  edit,
  entries,
  lookup,
  type NodeId,
  type TrieNode,
  type Walk,
} from '@kith/spec/rooms/state-trie'
import type { Database } from '../../platform/database.ts'
import { LruMap } from '../../platform/lru-map.ts'
import { type NumberBlocks, numberBlocks } from '../../platform/number-blocks.ts'
import type { StateRow } from '../../storage/event-inserts.ts'
import type { StateKeyNumber } from '../../storage/interning.ts'
import { stateRows } from '../../storage/states.ts'
import type { EventNumber } from '../../storage/stored-event.ts'

const cachedNodes = 400_000
const nodesPerRow = 256
/** The longest path from the root to an entry: 53 bits of key, four a level. */
const deepestPath = 14

/** A new state: its root, and the rows that must be stored with whatever refers to it. */
export interface EditedState {
  root: NodeId
  rows: StateRow[]
}

export class StateStore {
  readonly #db: Database
  readonly #nodes = new LruMap<NodeId, TrieNode>(cachedNodes)
  readonly #numbers: NumberBlocks
  readonly #loading = new Map<number, Promise<void>>()

  constructor(db: Database) {
    this.#db = db
    this.#numbers = numberBlocks(db, 'state_node_numbers')
  }

  get(id: NodeId): TrieNode | undefined {
    return this.#nodes.get(id)
  }

  /** The events under some keys; keys without one are absent. */
  lookup(root: NodeId, keys: readonly StateKeyNumber[]): Promise<Map<StateKeyNumber, EventNumber>> {
    return this.#run(() => lookup(this, root, keys))
  }

  /** The whole state: its cost is the room's size. */
  entries(root: NodeId): Promise<Map<StateKeyNumber, EventNumber>> {
    return this.#run(() => entries(this, root))
  }

  /** Where two states differ, at the cost of the difference. */
  diff(
    before: NodeId,
    after: NodeId,
  ): Promise<Map<StateKeyNumber, { before?: EventNumber; after?: EventNumber }>> {
    return this.#run(() => diff(this, before, after))
  }

  /** A state with some entries set, or removed where undefined. Nothing is stored yet. */
  async edit(
    root: NodeId,
    edits: ReadonlyMap<StateKeyNumber, EventNumber | undefined>,
  ): Promise<EditedState> {
    const nextRowId = await this.#numbers.ready(Math.ceil(edits.size / nodesPerRow) * deepestPath + 1)
    const edited = await this.#run(() => edit(this, root, { edits, nextRowId }))
    for (const [id, node] of edited.nodes) this.#nodes.set(id, node)
    return { root: edited.root, rows: edited.rows }
  }

  /** Drives a walk to its end, loading what it asks for. */
  async #run<T>(start: () => Walk<T>): Promise<T> {
    const walk = start()
    let step = walk.next()
    while (!step.done) {
      await this.#load(step.value)
      step = walk.next()
    }
    return step.value
  }

  async #load(ids: readonly NodeId[]): Promise<void> {
    const rows = new Set(ids.filter((id) => !this.#nodes.get(id)).map((id) => Math.floor(id / 256)))
    const fresh = [...rows].filter((row) => !this.#loading.has(row))
    if (fresh.length > 0) {
      const loading = this.#fetch(fresh).finally(() => {
        for (const row of fresh) this.#loading.delete(row)
      })
      for (const row of fresh) this.#loading.set(row, loading)
    }
    await Promise.all([...rows].map((row) => this.#loading.get(row)))
  }

  async #fetch(rows: number[]): Promise<void> {
    const found = await stateRows(this.#db, rows)
    if (found.length < rows.length) throw new Error(`state rows are missing: ${rows.length - found.length}`)
    for (const { id, bytes } of found) {
      for (const [node, value] of decodeRow(id, bytes)) this.#nodes.set(node, value)
    }
  }
}
