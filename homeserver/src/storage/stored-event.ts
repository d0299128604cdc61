import type { Pdu, RoomEvent } from '@kith/spec/events/pdu'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import type { RoomNumber, StateKeyNumber, UserNumber } from './interning.ts'

export type EventNumber = number

/** A place in a room's timeline. Live events are (p, 0), events fetched behind a gap before p are (p, -1), … */
export interface Place {
  position: number
  slot: number
}

export const standings = { accepted: 0, outlier: 1, rejected: 2, softFailed: 3 } as const
export type Standing = (typeof standings)[keyof typeof standings]

/** An event as this server holds it. Immutable but for its redaction and, once, its place. */
export interface StoredEvent extends RoomEvent {
  readonly number: EventNumber
  readonly room: RoomNumber
  readonly pdu: Pdu
  readonly standing: Standing
  /** Absent for what is in no timeline: outliers, rejected and soft-failed events. */
  readonly place?: Place
  readonly sender: UserNumber
  readonly stateKey?: StateKeyNumber
  /** Roots of the room's state around the event; absent for outliers. */
  readonly rootBefore?: NodeId
  readonly rootAfter?: NodeId
  /** Counts as unread for people with the default rules. */
  readonly notifies: boolean
  /** An @room by somebody who may. */
  readonly highlights: boolean
  /** Event id of the thread's root. */
  readonly thread?: string
  /** The event that this one, a redaction, names. */
  readonly redacts?: string
  readonly redactedBy?: string
  /** Where a local device sent it: the device, and its transaction id. */
  readonly deviceId?: string
  readonly transactionId?: string
  /** Length of the canonical bytes: what it weighs in a cache. */
  readonly bytes: number
}

/** An event id for storage: the hash itself where the id is one (room versions 4 and later), else 0x00 and its UTF-8 text. */
export function eventIdBytes(eventId: string): Buffer {
  if (eventId.length === 44) {
    const raw = Buffer.from(eventId.slice(1), 'base64url')
    if (raw.length === 32 && raw.toString('base64url') === eventId.slice(1)) return raw
  }
  return Buffer.concat([Buffer.of(0), Buffer.from(eventId)])
}

/** The inverse of `eventIdBytes`. */
export function eventIdText(bytes: Buffer): string {
  return bytes.length === 32 ? `$${bytes.toString('base64url')}` : bytes.toString('utf8', 1)
}
