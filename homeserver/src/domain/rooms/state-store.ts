/**
 * Room states: the tries of `spec/rooms/state-trie`, with their nodes in memory as far as they fit and the rest
 * in `state_nodes`. A walk says what it lacks, level by level; what all walks lack at one time is one query.
 */
import { setImmediate } from 'node:timers/promises'
import {
  diff,
  edit,
  entries,
  lookup,
  type NodeId,
  type NodeSource,
  type PackedNode,
  placeOf,
  rowOf,
  type TrieRow,
  unpackRow,
  type Walk,
} from '@kith/spec/rooms/state-trie'
import { BytesCache } from '../../platform/bytes-cache.ts'
import type { Database } from '../../platform/database.ts'
import { type NumberBlocks, numberBlocks } from '../../platform/number-blocks.ts'
import type { StateRow } from '../../storage/event-inserts.ts'
import type { StateKeyNumber } from '../../storage/interning.ts'
import type { EventNumber } from '../../storage/stored-event.ts'
import { type StateRowLoader, stateRowLoader } from './state-row-loader.ts'

const cachedBytes = 64 * 1024 * 1024
const typicalNodeBytes = 40
const nodesPerRow = 256
/** Nodes on the longest path from the root to an entry: 53 bits of key, four a level. */
const deepestPath = 14

const editsAtOnce = 2000

type Edits = ReadonlyMap<StateKeyNumber, EventNumber | undefined>

/** A new state: its root, and the rows that must be stored with whatever refers to it. */
export interface EditedState {
  root: NodeId
  rows: StateRow[]
}

export class StateStore implements NodeSource {
  readonly #nodes = new BytesCache(cachedBytes, typicalNodeBytes)
  readonly #numbers: NumberBlocks
  readonly #loadRow: StateRowLoader

  constructor(db: Database) {
    this.#numbers = numberBlocks(db, 'state_node_numbers')
    this.#loadRow = stateRowLoader(db)
  }

  get(id: NodeId): PackedNode | undefined {
    const piece = this.#nodes.get(id)
    return piece && { id, bytes: piece.bytes, at: piece.at }
  }

  /** The events under some keys; keys without one are absent. */
  lookup(root: NodeId, keys: readonly StateKeyNumber[]): Promise<Map<StateKeyNumber, EventNumber>> {
    return this.#run(lookup(this, root, keys))
  }

  /** The whole state: its cost is the room's size. */
  entries(root: NodeId): Promise<Map<StateKeyNumber, EventNumber>> {
    return this.#run(entries(this, root))
  }

  /** Where two states differ, at the cost of the difference. */
  diff(
    before: NodeId,
    after: NodeId,
  ): Promise<Map<StateKeyNumber, { before?: EventNumber; after?: EventNumber }>> {
    return this.#run(diff(this, before, after))
  }

  /** A state with some entries set, or removed where undefined. Nothing is stored yet. */
  async edit(root: NodeId, edits: Edits): Promise<EditedState> {
    const edited: EditedState = { root, rows: [] }
    for (const part of parts(edits)) {
      if (edited.rows.length > 0) await setImmediate()
      const nextRowId = await this.#numbers.ready(Math.ceil((part.size * deepestPath) / nodesPerRow))
      const { root, rows } = await this.#run(edit(this, edited.root, { edits: part, nextRowId }))
      for (const row of rows) this.#hold(row)
      edited.root = root
      edited.rows.push(...rows)
    }
    return edited
  }

  /** A whole state, written as edits of one that is probably near it. */
  async write(near: NodeId, wanted: ReadonlyMap<StateKeyNumber, EventNumber>): Promise<EditedState> {
    const edits = new Map<StateKeyNumber, EventNumber | undefined>(wanted)
    for (const [key, number] of await this.entries(near)) {
      if (!wanted.has(key)) edits.set(key, undefined)
      else if (wanted.get(key) === number) edits.delete(key)
    }
    return this.edit(near, edits)
  }

  /** Drives a walk to its end, loading what it asks for. */
  async #run<T>(walk: Walk<T>): Promise<T> {
    let step = walk.next(this)
    while (!step.done) step = walk.next(await this.load(step.value))
    return step.value
  }

  /** The nodes of these IDs, which need not stay at hand. */
  async load(ids: readonly NodeId[]): Promise<Map<NodeId, PackedNode>> {
    if (ids.length === 0) await setImmediate()
    const rows = new Set(ids.map(rowOf))
    const loaded = await Promise.all([...rows].map((row) => this.#loadRow(row)))
    const nodes = new Map<NodeId, PackedNode>()
    for (const row of loaded) {
      for (const node of this.#hold(row)) nodes.set(node.id, node)
    }
    return nodes
  }

  #hold(row: TrieRow): PackedNode[] {
    const nodes = unpackRow(row)
    for (const node of nodes) this.#nodes.set(node.id, node)
    return nodes
  }
}

/** Many edits in parts that take a few milliseconds each, by where they lie, so that few nodes are made twice. */
function parts(edits: Edits): Edits[] {
  if (edits.size <= editsAtOnce) return [edits]
  const places = Map.groupBy(edits, ([key]) => placeOf(key))
  let part = new Map<StateKeyNumber, EventNumber | undefined>()
  const parts = [part]
  for (const place of [...places.keys()].sort((a, b) => a - b)) {
    if (part.size >= editsAtOnce) {
      part = new Map()
      parts.push(part)
    }
    for (const [key, value] of places.get(place) ?? []) part.set(key, value)
  }
  return parts
}
