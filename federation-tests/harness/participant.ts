import type { JsonObject } from '@kith/spec/json'
import type { TestServer } from './server.ts'

/** Somebody, by user id or in person. */
export type Who = string | { readonly userId: string }

export interface RoomOptions {
  preset?: 'private_chat' | 'public_chat' | 'trusted_private_chat'
  name?: string
  topic?: string
  visibility?: 'public' | 'private'
  room_version?: string
  room_alias_name?: string
  invite?: string[]
  initial_state?: { type: string; state_key?: string; content: JsonObject }[]
  creation_content?: JsonObject
  power_level_content_override?: JsonObject
}

export interface Via {
  /** Names of servers in the room that can help. */
  via?: string | readonly string[]
}

/** One who acts through a client API. All verbs outlast a restart of the server, with the same transaction id. */
export interface Participant extends AsyncDisposable {
  readonly userId: string
  readonly server: TestServer
  createRoom(options?: RoomOptions): Promise<string>
  join(room: string, options?: Via): Promise<string>
  knock(room: string, options?: Via): Promise<string>
  invite(who: Who, room: string): Promise<void>
  leave(room: string): Promise<void>
  /** Removes a room left from the own lists. */
  forget(room: string): Promise<void>
  kick(who: Who, room: string, reason?: string): Promise<void>
  ban(who: Who, room: string, reason?: string): Promise<void>
  unban(who: Who, room: string): Promise<void>
  /** Sends a text; returns its event id. */
  send(room: string, text: string): Promise<string>
  edit(room: string, eventId: string, text: string): Promise<string>
  react(room: string, eventId: string, key: string): Promise<string>
  redact(room: string, eventId: string, reason?: string): Promise<string>
  /** Marks everything up to this event as read. */
  receipt(room: string, eventId: string): Promise<void>
  typing(room: string, isTyping: boolean): Promise<void>
}

export function userIdOf(who: Who): string {
  return typeof who === 'string' ? who : who.userId
}

export function viaList(options: Via = {}): string[] {
  const { via = [] } = options
  return typeof via === 'string' ? [via] : [...via]
}

export const text = (body: string) => ({ msgtype: 'm.text', body })

/** The content of an event that replaces the text of another. */
export const editOf = (eventId: string, body: string) => ({
  ...text(`* ${body}`),
  'm.new_content': text(body),
  'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
})

export const reactionTo = (eventId: string, key: string) => ({
  'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key },
})
