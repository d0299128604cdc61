/**
 * What the web app sees of the core: commands, which are async functions, and topics, which are watched.
 *
 * The core runs in a worker. `connectCore` (channel.ts) gives a page a `Core` over a port; `openCore` (core.ts) gives
 * the same `Core` without a worker. All values are plain data that can be cloned. Values are never changed in place:
 * an item that is the same object has not changed.
 */

import type { ErrorCode } from '@kith/spec/errors'
import type { ListUpdate, Member, Person, RoomDetails, RoomEntry, TimelineUpdate } from './views.ts'

// ---------------------------------------------------------------------------------------------------------- errors

/** A message catalogue of the web app has one text for each. None of them is shown with an identifier in it. */
export type ErrorKey =
  | 'offline'
  | 'timeout'
  | 'server-trouble'
  | 'not-a-homeserver'
  | 'rate-limited'
  | 'wrong-password'
  | 'signed-out'
  | 'account-closed'
  | 'account-suspended'
  | 'name-taken'
  | 'name-invalid'
  | 'password-weak'
  | 'registration-closed'
  | 'registration-elsewhere'
  | 'login-elsewhere'
  | 'not-allowed'
  | 'not-found'
  | 'no-such-room'
  | 'no-such-person'
  | 'already-there'
  | 'too-long'
  | 'room-unsupported'
  | 'invalid-input'
  | 'unknown'

/** What every command rejects with. `errcode` is absent where no server answered. */
export interface CommandFailure {
  name: 'CommandError'
  key: ErrorKey
  errcode?: ErrorCode | (string & {})
  /** The server's own words, to copy and for developers: never shown as they are. */
  message: string
  status?: number
  retryAfterMs?: number
}

// --------------------------------------------------------------------------------------------- session, connection

export type SessionState =
  /** The store is being read. Lasts milliseconds. */
  | { kind: 'starting' }
  | { kind: 'signed-out'; why?: 'by-user' | 'by-server' }
  /** The server wants the password again; everything stored is kept. `signIn` goes on, `signOut` gives up. */
  | { kind: 'locked'; account: Account }
  | { kind: 'signed-in'; account: Account }

export interface Account {
  userId: string
  deviceId: string
  /** Where the API answers, without a slash at the end. */
  baseUrl: string
  /** The domain in the user ID, which people typed. */
  serverName: string
  name: string
  avatar?: string
}

export interface ConnectionState {
  kind: 'idle' | 'connecting' | 'live' | 'offline'
  transport?: 'websocket' | 'long-poll'
  /** Whether the first answer since the start has been applied: before, an empty list may just be unknown. */
  hasSynced: boolean
  /** When it is tried again, in milliseconds since 1970. Only while offline. */
  retryAt?: number
}

/** A reaction or a deletion of mine that the server did not take, so that all is as it was. */
export interface Refusal {
  roomId: string
  kind: 'reaction' | 'deletion'
  failure: CommandFailure
}

export interface HomeserverInfo {
  baseUrl: string
  serverName: string
  canSignInByPassword: boolean
  /** `unknown` where the server doesn't say before one tries. */
  registration: 'open' | 'closed' | 'elsewhere' | 'unknown'
}

// ---------------------------------------------------------------------------------------------------------- topics

export interface Topics {
  session: { argument: undefined; update: SessionState }
  connection: { argument: undefined; update: ConnectionState }
  /** By `roomId`. */
  rooms: { argument: undefined; update: ListUpdate<RoomEntry> }
  /** Each one as it comes; `undefined` at first. */
  refusal: { argument: undefined; update: Refusal | undefined }
  /** `undefined`: no such room is known. */
  room: { argument: { roomId: string }; update: RoomDetails | undefined }
  /** By `userId`. The whole list is fetched when it is first watched. */
  members: { argument: { roomId: string }; update: ListUpdate<Member> }
  /** Starts at the newest messages; `loadOlder` goes back. */
  timeline: { argument: { roomId: string }; update: TimelineUpdate }
}
export type TopicName = keyof Topics

// -------------------------------------------------------------------------------------------------------- commands

export interface OutgoingMessage {
  text: string
  html?: string
  kind?: 'text' | 'notice' | 'emote'
  /** User IDs of those who are mentioned. */
  mentions?: string[]
  mentionsRoom?: boolean
}

export interface NewRoom {
  name: string
  topic?: string
  invite?: string[]
  isPublic?: boolean
  /** The part of its address before the colon. */
  alias?: string
}

export interface Commands {
  // --- accounts
  /** @param typed a server name, a user ID or an address, as somebody typed it */
  findHomeserver(typed: string): Promise<HomeserverInfo>
  signIn(input: {
    baseUrl: string
    serverName?: string
    user: string
    password: string
    deviceName?: string
  }): Promise<void>
  register(input: {
    baseUrl: string
    serverName?: string
    user: string
    password: string
    deviceName?: string
  }): Promise<void>
  isNameFree(input: { baseUrl: string; user: string }): Promise<boolean>
  /** Ends the session and wipes all that is stored here, even without a network. */
  signOut(): Promise<void>
  setMyName(name: string): Promise<void>
  /** Somebody's name and avatar, of any server. */
  person(userId: string): Promise<Person>
  /** Tries the connection at once, when the browser says that the network is back. */
  reconnect(): Promise<void>

  // --- messages. Those that send resolve when the message is in the queue, which survives a reload.
  send(roomId: string, message: OutgoingMessage): Promise<void>
  reply(roomId: string, eventId: string, message: OutgoingMessage): Promise<void>
  /** By the item's key: also one that still waits in the queue. */
  edit(roomId: string, key: string, message: OutgoingMessage): Promise<void>
  /** Deletes for all; takes one that still waits or has failed out of the queue. */
  redact(roomId: string, key: string, reason?: string): Promise<void>
  react(roomId: string, eventId: string, key: string): Promise<void>
  unreact(roomId: string, eventId: string, key: string): Promise<void>
  retry(roomId: string, key: string): Promise<void>

  // --- timeline of a watched room
  loadOlder(roomId: string): Promise<void>
  loadGap(roomId: string, key: string): Promise<void>
  /** Fetches the message an item replies to, and shows it in the item. */
  loadReply(roomId: string, eventId: string): Promise<void>
  /** All up to the event is read, privately or for all to see. */
  markRead(roomId: string, eventId: string, options?: { isPrivate?: boolean }): Promise<void>
  /** Call on every change of the composer: it is sent sparingly. `false` when it is empty, sent or left. */
  setTyping(roomId: string, isTyping: boolean): Promise<void>

  // --- rooms
  createGroup(room: NewRoom): Promise<string>
  /** Opens the direct chat there is with somebody, or makes one. */
  openDirectChat(userId: string): Promise<string>
  /** Those I share chats with, to choose from: partners of direct chats first. */
  knownPeople(): Promise<Person[]>
  invite(roomId: string, userId: string): Promise<void>
  /** @param target a room ID, an address (`#name:server`) or a matrix.to or matrix: link */
  join(target: string, via?: string[]): Promise<string>
  accept(roomId: string): Promise<void>
  decline(roomId: string): Promise<void>
  leave(roomId: string): Promise<void>
  kick(roomId: string, userId: string, reason?: string): Promise<void>
  ban(roomId: string, userId: string, reason?: string): Promise<void>
  unban(roomId: string, userId: string): Promise<void>
  setRoomName(roomId: string, name: string): Promise<void>
  setRoomTopic(roomId: string, topic: string): Promise<void>
}
export type CommandName = keyof Commands

export interface Core {
  commands: Commands
  /** @returns stops watching */
  watch<Topic extends TopicName>(
    topic: Topic,
    argument: Topics[Topic]['argument'],
    listener: (update: Topics[Topic]['update']) => void,
  ): () => void
}
