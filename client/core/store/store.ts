import type {
  OutboxRecord,
  RoomRecord,
  StoredAccountData,
  StoredEvent,
  StoredReceipt,
  StoredSession,
  StoredState,
} from './records.ts'

/** What a start needs. */
export interface Loaded {
  session?: StoredSession
  /** The `next_batch` that all stored here corresponds to. */
  token?: string
  rooms: RoomRecord[]
  accountData: StoredAccountData[]
  /** Ascending by `order`. */
  outbox: OutboxRecord[]
}

/** Written whole or not at all, in one transaction. */
export interface Changes {
  session?: StoredSession
  token?: string
  rooms?: readonly RoomRecord[]
  events?: readonly StoredEvent[]
  state?: readonly StoredState[]
  receipts?: readonly StoredReceipt[]
  accountData?: readonly StoredAccountData[]
  outbox?: readonly OutboxRecord[]
  /** Transaction IDs. */
  sent?: readonly string[]
}

export interface EventRange {
  /** Exclusive; the newest ones when absent. */
  before?: number
  /** Inclusive. */
  from?: number
  limit: number
}

export interface Store {
  load(): Promise<Loaded>
  write(changes: Changes): Promise<void>
  /** The last `limit` ones of a range, oldest first. */
  events(roomId: string, range: EventRange): Promise<StoredEvent[]>
  /** Those of the events that are stored, in any order. */
  findEvents(roomId: string, eventIds: readonly string[]): Promise<StoredEvent[]>
  members(roomId: string): Promise<StoredState[]>
  stateEvent(roomId: string, type: string, stateKey: string): Promise<StoredState | undefined>
  receipts(roomId: string): Promise<StoredReceipt[]>
  /** Removes everything, the session included. */
  wipe(): Promise<void>
  close(): void
}
