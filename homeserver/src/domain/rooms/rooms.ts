/**
 * The rooms of one process: their heads, and the turn in which their writers go.
 *
 * Writes of one room are chained in memory without waiting for commits: a unit is computed on the head that the
 * unit before it leaves, and fails with it. A unit computed on a state that has moved since (another process)
 * is refused by the log as stale and computed again.
 */

import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import type { Change, Log, TailRow, TransactionKey } from '../../log/log.ts'
import { Stale } from '../../log/log.ts'
import type { Database } from '../../platform/database.ts'
import { LruMap } from '../../platform/lru-map.ts'
import type { EventChange, RoomStateChange } from '../../storage/event-inserts.ts'
import { storedHead } from '../../storage/heads.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import { kinds } from '../../storage/kinds.ts'
import { roomState } from '../../storage/states.ts'
import type { StoredEvent } from '../../storage/stored-event.ts'
import type { EventStore } from './event-store.ts'
import type { Head } from './head.ts'
import type { MembersView } from './members-view.ts'
import { roomTurn } from './room-turn.ts'

/** What a writer wants done: nothing, or changes that leave the room at a new head. */
export interface Draft<T> {
  result: T
  changes: Change[]
  transactionKeys?: TransactionKey[]
  head: Head
  /** Events the changes bring: forgotten again if the unit fails. */
  events: StoredEvent[]
  /** Ids that the events name and that are not here. */
  missing?: readonly string[]
}

export interface RoomsParts {
  database: Database
  log: Log
  events: EventStore
  members: MembersView
}

interface Entry {
  head: Head | undefined
  /** The chain that the head's writes belong to: when one fails, so do those built on it. */
  chain: object
  /** The last writer's turn; the next waits for it. */
  turn: Promise<unknown>
  waiting: number
  pending: Set<Promise<unknown>>
  /** What writes that are on their way name and this server lacks. */
  missing: Set<string>
}

const cachedRooms = 20_000
const attemptsBeforeTurn = 2
const attempts = 6

export class Rooms {
  readonly members: MembersView
  readonly #parts: RoomsParts
  readonly #entries = new LruMap<RoomNumber, Entry>(cachedRooms)
  /** Entries with a writer: never forgotten by the bound. */
  readonly #busy = new Map<RoomNumber, Entry>()
  readonly #roots = new LruMap<RoomNumber, NodeId>(cachedRooms * 5)

  constructor(parts: RoomsParts) {
    this.#parts = parts
    this.members = parts.members
    parts.log.tail.subscribe((rows) => this.#follow(rows))
  }

  /** What the next write builds on, chained writes included; undefined while we hold no event of the room. */
  head(room: RoomNumber): Promise<Head | undefined> {
    return this.write(room, async (head) => ({ result: head }))
  }

  /** Whether a write that is on its way names an event that this server lacks. The database knows of the others. */
  isWanted(room: RoomNumber, eventId: string): boolean {
    return this.#entry(room).missing.has(eventId)
  }

  /** The root of the current state as far as it is committed; 0 where we have no state. */
  async root(room: RoomNumber): Promise<NodeId> {
    const held = this.#roots.get(room)
    if (held !== undefined) return held
    const { head } = this.#parts.log.tail
    const root = (await roomState(this.#parts.database, room))?.root ?? 0
    // A row that the tail brought meanwhile may be newer than what was read.
    if (this.#parts.log.tail.head === head) this.#roots.set(room, root)
    return root
  }

  /**
   * Computes and commits one unit of a room. `compute` runs in the room's turn and may run again.
   *
   * @throws what `compute` throws; Duplicate, Busy and Refused of the log; Stale after several attempts
   */
  async write<T>(
    room: RoomNumber,
    compute: (head: Head | undefined) => Promise<Draft<T> | Done<T>>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        if (attempt <= attemptsBeforeTurn) return await this.#attempt(room, compute)
        return await roomTurn(this.#parts.database, room, () => this.#attempt(room, compute))
      } catch (error) {
        if (!(error instanceof Stale) || attempt >= attempts) throw error
      }
    }
  }

  async #attempt<T>(
    room: RoomNumber,
    compute: (head: Head | undefined) => Promise<Draft<T> | Done<T>>,
  ): Promise<T> {
    const entry = this.#entry(room)
    const { draft, committed } = await this.#inTurn(room, entry, async () => {
      if (!entry.head) {
        await Promise.allSettled(entry.pending)
        entry.head = await this.#load(room)
      }
      const { head } = entry
      const draft = await compute(head)
      return { draft, committed: 'changes' in draft ? this.#commit(entry, draft, head) : undefined }
    })
    if (committed) await committed
    return draft.result
  }

  /** One writer of a room at a time, in the order they came. */
  async #inTurn<T>(room: RoomNumber, entry: Entry, work: () => Promise<T>): Promise<T> {
    entry.waiting++
    this.#busy.set(room, entry)
    const turn = entry.turn.then(work)
    entry.turn = turn.catch(() => undefined)
    try {
      return await turn
    } finally {
      entry.waiting--
      if (entry.waiting === 0 && entry.pending.size === 0) this.#busy.delete(room)
    }
  }

  #commit<T>(entry: Entry, draft: Draft<T>, head: Head | undefined): Promise<unknown> {
    const before = head?.root ?? 0
    const moves = draft.head.root !== before
    const { chain } = entry
    const committed = this.#parts.log.commit({
      room: {
        number: draft.head.room,
        stateVersion: head?.stateVersion ?? 0,
        next: moves ? { root: draft.head.root } : undefined,
        chain,
      },
      transactionKeys: draft.transactionKeys ?? [],
      changes: draft.changes,
    })
    entry.head = moves ? { ...draft.head, stateVersion: (head?.stateVersion ?? 0) + 1 } : draft.head
    for (const event of draft.events) this.#parts.events.put(event)
    const { missing = [] } = draft
    for (const id of missing) entry.missing.add(id)
    const settled = committed
      .catch((error: unknown) => {
        for (const event of draft.events) this.#parts.events.drop(event)
        if (entry.chain === chain) this.#reset(entry)
        throw error
      })
      .finally(() => {
        entry.pending.delete(settled)
        for (const id of missing) entry.missing.delete(id)
        if (entry.waiting === 0 && entry.pending.size === 0) this.#busy.delete(draft.head.room)
      })
    entry.pending.add(settled)
    return settled
  }

  #reset(entry: Entry): void {
    entry.head = undefined
    entry.chain = {}
  }

  #entry(room: RoomNumber): Entry {
    const held = this.#busy.get(room) ?? this.#entries.get(room)
    if (held) return held
    const entry: Entry = {
      head: undefined,
      chain: {},
      turn: Promise.resolve(),
      waiting: 0,
      pending: new Set(),
      missing: new Set(),
    }
    this.#entries.set(room, entry)
    return entry
  }

  async #load(room: RoomNumber): Promise<Head | undefined> {
    const stored = await storedHead(this.#parts.database, room)
    if (!stored || stored.roomVersion === null || stored.extremities.length === 0) return undefined
    const rules = roomVersions.get(stored.roomVersion) as RoomVersionRules
    const extremities = await this.#parts.events.byNumber(stored.extremities)
    return {
      room,
      roomId: stored.roomId,
      rules,
      stateVersion: stored.stateVersion,
      root: stored.root,
      extremities,
    }
  }

  #follow(rows: readonly TailRow[]): void {
    for (const row of rows) {
      if (row.room === undefined || (row.kind !== kinds.event && row.kind !== kinds.roomState)) continue
      if (row.payload) {
        this.#roots.set(row.room, (row.payload as EventChange | RoomStateChange).currentRoot)
        continue
      }
      // Another process wrote to the room: what is held of its head is old.
      this.#roots.delete(row.room)
      const entry = this.#busy.get(row.room) ?? this.#entries.get(row.room)
      if (entry) this.#reset(entry)
    }
  }
}

/** The outcome of a writer that found nothing to write. */
export interface Done<T> {
  result: T
}
