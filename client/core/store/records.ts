/** What is stored. Plain data: the same objects are kept in memory, and never changed in place. */

import type { ClientEvent } from '@kith/spec/api/schemas'
import type { JsonObject } from '@kith/spec/json'
import type { CommandFailure } from '../api.ts'
import type { MembershipChange, SendState } from '../views.ts'

export interface StoredSession {
  userId: string
  deviceId: string
  token: string
  baseUrl: string
  serverName: string
  /** Mine, as last heard. */
  profile?: Profile
  /** The server wants the password again. */
  isLocked?: boolean
}

export interface Profile {
  name?: string
  avatar?: string
}

export type Membership = 'join' | 'invite' | 'knock' | 'leave' | 'ban'

/** An event of a timeline, with its place in it. */
export interface StoredEvent {
  roomId: string
  /** Orders the events of a room. Live events count up, older ones count down from a gap; see timeline/places.ts. */
  place: number
  eventId: string
  event: ClientEvent
}

/** Events are missing directly before the one at `before`; `token` pages back into them. */
export interface Gap {
  before: number
  token: string
}

/** All that the chat list needs of a room, in one record: a start reads no more than these. */
export interface RoomRecord {
  roomId: string
  membership: Membership
  heroes: string[]
  joined: number
  invited: number
  /** State with an empty key that the list or a permission needs, by type. */
  state: Record<string, ClientEvent>
  /** Those the list names: heroes, the last sender, who invited. By user ID. */
  people: Record<string, Profile & { membership?: Membership }>
  /** The place for the next live event. */
  next: number
  /** Ascending by `before`. The lowest one leads to the room's older history; none: the beginning is here. */
  gaps: Gap[]
  messages: number
  mentions: number
  /** The last message, as the list shows it: with its last edit, without what was redacted. */
  last?: ClientEvent
  /** Milliseconds since 1970. */
  activity: number
  /** The last message of somebody else. */
  lastOther?: Mark
  /** How far I have read, on any device. */
  read?: Mark
  /** A receipt of mine that the server does not have yet. Until then its counts are about the time before. */
  reading?: { eventId: string; isPrivate: boolean }
  hasAllMembers: boolean
  inviter?: string
  /** How my membership came about. */
  standing?: { change: MembershipChange; by: string; reason?: string }
  isDirectInvite?: boolean
}

/** An event; without a place where it is not stored, so that only its time can be compared. */
export interface Mark {
  eventId: string
  place?: number
  at: number
}

export interface StoredState {
  roomId: string
  type: string
  stateKey: string
  event: ClientEvent
}

export interface StoredReceipt {
  roomId: string
  userId: string
  eventId: string
  at: number
}

export interface StoredAccountData {
  /** Empty: of the account. */
  roomId: string
  type: string
  content: JsonObject
}

/** Something to send. The transaction ID is made once, so that the server knows a repetition. */
export interface OutboxRecord {
  txnId: string
  /** Ascending: the order in which things were written. */
  order: number
  roomId: string
  what:
    | { kind: 'event'; type: string; content: JsonObject }
    | { kind: 'redaction'; eventId: string; reason?: string }
  at: number
  state: SendState
  failure?: CommandFailure
  /** It was on its way without an answer: the server may have it. */
  wasTried?: boolean
  /** Once the server has it. */
  eventId?: string
}
