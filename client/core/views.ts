/** What the web app shows of rooms and timelines: plain data, cloned out of the core's worker. */

import type { CommandFailure } from './api.ts'

// ------------------------------------------------------------------------------------------------------- the rooms

/** Never an identifier. */
export interface Person {
  userId: string
  name: string
  /** `mxc:` address. */
  avatar?: string
}

export type RoomName =
  /** Given by its people, or its address. */
  | { kind: 'given'; text: string }
  /** The others in it; `more` people besides those named. */
  | { kind: 'people'; names: string[]; more: number }
  /** Everybody else left. `names` are those who were there. */
  | { kind: 'empty'; names: string[] }

export interface Unread {
  /** Messages that notify; 0 in muted rooms. */
  messages: number
  mentions: number
  /** Something new, whether it notifies or not. */
  isUnread: boolean
}

/** An entry of the chat list. Sort by `activity`, newest first. */
export interface RoomEntry {
  roomId: string
  membership: 'join' | 'invite' | 'knock' | 'leave' | 'ban'
  name: RoomName
  avatar?: string
  /** Only in direct chats: whom with. */
  partner?: Person
  isSpace: boolean
  isEncrypted: boolean
  isMuted: boolean
  unread: Unread
  last?: Preview
  /** Milliseconds since 1970. */
  activity: number
  /** Messages of mine that could not be sent, and wait for me. */
  failed: number
  /** Only of invites. */
  inviter?: Person
  isDirectInvite?: boolean
}

export interface Preview {
  sender: Person
  isMine: boolean
  at: number
  body: ItemBody
}

/** What I may do in a room, by its power levels. Joined or not: nothing is true outside. */
export interface Permissions {
  send: boolean
  react: boolean
  /** Delete messages of others. */
  redactOthers: boolean
  invite: boolean
  /** Whom: see `Member.can`. */
  kick: boolean
  ban: boolean
  setName: boolean
  setTopic: boolean
  setAvatar: boolean
  notifyRoom: boolean
}

/** How my membership of a room came about: who removed me, for example, and why. */
export interface Standing {
  change: MembershipChange
  by: Person
  isByMe: boolean
  reason?: string
}

/** What an open room shows besides its list entry. */
export interface RoomDetails {
  entry: RoomEntry
  topic: string
  alias?: string
  joined: number
  invited: number
  isPublic: boolean
  can: Permissions
  /** Without me. */
  typing: Person[]
  standing?: Standing
  /** The room that replaces this one, if it was upgraded. `join` finds it. */
  successor?: string
}

export interface Member extends Person {
  membership: 'join' | 'invite' | 'knock' | 'leave' | 'ban'
  /** 100 and more: administrator, 50: moderator. Creators of newer rooms have `Infinity`. */
  power: number
  isMe: boolean
  /** What I may do with them. */
  can: { kick: boolean; ban: boolean; unban: boolean }
}

// ---------------------------------------------------------------------------------------------------- the timeline

/** queued: waits for its turn or the network. sending: on its way. sent: the server has it. */
export type SendState = 'queued' | 'sending' | 'sent' | 'failed'

export type ItemBody =
  | { kind: 'text' | 'notice' | 'emote'; text: string /** Not sanitised: HTML of anybody. */; html?: string }
  | { kind: 'media'; media: 'image' | 'video' | 'audio' | 'file'; name: string; url?: string; bytes?: number }
  | { kind: 'sticker'; name: string; url?: string }
  | { kind: 'location'; text: string; uri: string }
  | { kind: 'redacted'; by?: Person; isByMe: boolean }
  | { kind: 'encrypted' }
  | { kind: 'membership'; change: MembershipChange; target: Person; isTargetMe: boolean; reason?: string }
  | { kind: 'profile'; nameBefore?: string; nameAfter?: string; hasNewAvatar: boolean }
  | { kind: 'created' }
  | { kind: 'room-name' | 'room-topic'; text: string }
  | { kind: 'room-avatar' | 'encryption-on' | 'upgraded' }
  /** A message of a kind this client doesn't know; `text` is its fallback, possibly empty. */
  | { kind: 'unknown'; text: string }

export type MembershipChange =
  | 'joined'
  | 'left'
  | 'invited'
  | 'invite-declined'
  | 'invite-withdrawn'
  | 'kicked'
  | 'banned'
  | 'unbanned'
  | 'knocked'

export interface Reaction {
  key: string
  count: number
  people: Person[]
  /** My own one is taken back with `unreact`. */
  isMine: boolean
}

export interface ReplyPreview {
  eventId: string
  /** Absent while, or because, the message is not here: `loadReply` fetches it. */
  sender?: Person
  body?: ItemBody
}

export interface EventItem {
  kind: 'event'
  /** Stays the same from local echo to the server's event, and after a reload. */
  key: string
  /** Absent until the server has it: only then can it be replied to, reacted to, read. */
  eventId?: string
  at: number
  sender: Person
  isMine: boolean
  body: ItemBody
  /** Only of what I sent from this device and the server hasn't shown back yet, so never `undefined` for an echo. */
  send?: { state: SendState; failure?: CommandFailure }
  edited?: { at: number; state: SendState }
  reactions: Reaction[]
  reply?: ReplyPreview
  mentionsMe: boolean
  can: { edit: boolean; redact: boolean }
  /** Others who have read up to here and no further. */
  readers: Person[]
}

/** Messages are missing here; they are being fetched, or `loadGap` fetches them. */
export interface GapItem {
  kind: 'gap'
  key: string
  state: 'waiting' | 'loading' | 'failed'
}

export type TimelineItem = EventItem | GapItem

export interface TimelineStatus {
  /** `yes`: `loadOlder` brings more. */
  older: 'yes' | 'loading' | 'failed' | 'none'
}

// --------------------------------------------------------------------------------------------------------- updates

/** The first update a watcher gets is always a `reset`. */
export type ListUpdate<T> = { kind: 'reset'; entries: T[] } | { kind: 'change'; set: T[]; removed: string[] }

/** Apply with `applyTimelineUpdate` (updates.ts). */
export type TimelineUpdate =
  | { kind: 'reset'; items: TimelineItem[]; status: TimelineStatus }
  | {
      kind: 'change'
      /** `remove` items at `start` give way to `insert`; done first. */
      splice?: { start: number; remove: number; insert: TimelineItem[] }
      /** Items that stay where they are, by key. */
      changed: TimelineItem[]
      status: TimelineStatus
    }
