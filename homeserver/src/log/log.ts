/**
 * The log: one total order of every durable change that a client or another server must learn of.
 * It knows no Matrix: kinds, rooms and users are numbers, what a change holds is its kind's own business.
 */
import type { KindDefinition } from './kind.ts'

/** From 1, dense in allocation. A missing row at or below the head is superseded or purged, never pending. */
export type Position = number

/** One row of the narrow table `log`. Payload tables carry the position too. */
export interface LogRow {
  position: Position
  kind: number
  room?: number
  user?: number
  /** Opaque to the log: whether and how the change is to be passed on to other servers. */
  relay?: string
}

export interface TailRow extends LogRow {
  /** What was committed, if this very process did; else the reader loads it from the kind's table by position. */
  payload?: unknown
}

/** Takes exactly one position. */
export interface Change {
  kind: number
  room?: number
  user?: number
  relay?: string
  payload: unknown
}

/** Passes once, ever; who comes later with the same key is told the first one's result. */
export interface TransactionKey {
  key: string
  result: string
}

/** What a caller asks for: passes or fails whole. */
export interface Unit {
  room?: {
    number: number
    /** The version of the room's state that the unit was computed on; units not committed yet count. */
    stateVersion: number
    /** Given when the unit moves the state: to version stateVersion + 1, with this root. */
    next?: { root: number }
    /**
     * Shared by units that are built on one another: once one of them failed, later ones with the same object fail as Stale. Without
     * it, all units of a room that are queued together count as built on one another.
     */
    chain?: object
  }
  transactionKeys: TransactionKey[]
  /** At least one. */
  changes: Change[]
}

export interface Committed {
  /** One per change, in order. */
  positions: Position[]
}

/** The unit was computed on a state of the room, or on another unit, that did not come to be. Compute again. */
export class Stale extends Error {
  override name = 'Stale'
}

/** A transaction key of the unit has passed before. */
export class Duplicate extends Error {
  override name = 'Duplicate'
  readonly result: string
  constructor(result: string) {
    super('the transaction key has passed before')
    this.result = result
  }
}

/** The unit was not committed, and nothing is wrong with it: too much is waiting, or the database is away. Try later. */
export class Busy extends Error {
  override name = 'Busy'
}

/**
 * The database went away during COMMIT and stayed away: whether the unit was committed is unknown. Trying again
 * with the same transaction key is safe and finds out; without one it may double.
 */
export class Unsettled extends Error {
  override name = 'Unsettled'
}

/** The database refuses this very unit; `cause` is its error, or that of the kind's `statements`. */
export class Refused extends Error {
  override name = 'Refused'
}

export interface Log {
  /**
   * Resolves after COMMIT, and after the local tail has handed the changes to its subscribers.
   * @throws Stale, Duplicate, Busy, Unsettled, Refused
   */
  commit(unit: Unit): Promise<Committed>
  readonly tail: Tail
  // biome-ignore lint/suspicious/noExplicitAny: kinds of every payload are registered in one place
  register(kind: KindDefinition<any>): void
  /** Commits what is queued, then lets go of the database. */
  stop(): Promise<void>
}

export interface Tail {
  /** Every row up to here is in memory, or older than what memory holds. */
  readonly head: Position
  /** The rows after a position (exclusive) up to the head, in order. */
  since(after: Position): readonly TailRow[] | 'beyond the tail'
  /** Rows are handed over in order of position, each once, without holes. Listeners are synchronous and cheap. */
  subscribe(listener: (rows: readonly TailRow[]) => void): () => void
  /** Waits until the tail has come to a position. One past the log's head waits for as long as nobody writes it. */
  reached(position: Position, signal?: AbortSignal): Promise<void>
  /** Reads the head now and catches up: what was committed before the call is known after it. */
  refresh(): Promise<Position>
}
