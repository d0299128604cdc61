import type { ClientEvent } from '@kith/spec/api/schemas'
import type {
  RoomRecord,
  StoredAccountData,
  StoredEvent,
  StoredReceipt,
  StoredState,
} from '../store/records.ts'
import type { Store } from '../store/store.ts'

/** What a sync brings for one room: stored as it is, and then told to the room's view. */
export interface RoomChange {
  record: RoomRecord
  /** New events of the timeline, and those that a redaction or an echo changed. */
  events: StoredEvent[]
  state: StoredState[]
  receipts: StoredReceipt[]
  accountData: StoredAccountData[]
  /** Who is typing, where that changed. */
  typing?: string[]
}

export interface Reduction {
  me: string
  /** Milliseconds since 1970. */
  now: number
  store: Pick<Store, 'findEvents' | 'stateEvent'>
  /** The transaction ID of something in the outbox that the server has as this event. */
  txnIdOf(eventId: string): string | undefined
  /** Whom the room is a direct chat with. */
  partnerOf(roomId: string): string | undefined
}

export function newRoom(roomId: string, now: number): RoomRecord {
  return {
    roomId,
    membership: 'join',
    heroes: [],
    joined: 0,
    invited: 0,
    state: {},
    people: {},
    next: 0,
    gaps: [],
    messages: 0,
    mentions: 0,
    activity: now,
    hasAllMembers: false,
  }
}

export function stateRows(roomId: string, events: readonly ClientEvent[]): StoredState[] {
  const rows = new Map<string, StoredState>()
  for (const event of events) {
    const { type, state_key: stateKey } = event
    if (stateKey !== undefined) rows.set(`${type}\0${stateKey}`, { roomId, type, stateKey, event })
  }
  return [...rows.values()]
}
