import type { JsonObject } from '@kith/spec/json'
import type { TestPerson } from '../test-person.ts'

export interface SyncedEvent {
  type: string
  event_id: string
  sender: string
  state_key?: string
  content: JsonObject
  unsigned: JsonObject
}

export interface SyncedRoom {
  timeline: { events: SyncedEvent[]; limited: boolean; prev_batch: string }
  state?: { events: SyncedEvent[] }
  state_after?: { events: SyncedEvent[] }
  ephemeral?: { events: { type: string; content: JsonObject }[] }
  account_data?: { events: { type: string; content: JsonObject }[] }
  summary?: JsonObject
  unread_notifications?: JsonObject
  unread_thread_notifications?: JsonObject
}

export interface Synced {
  next_batch: string
  account_data: { events: { type: string; content: JsonObject }[] }
  rooms: {
    join: Record<string, SyncedRoom>
    invite: Record<string, { invite_state: { events: JsonObject[] } }>
    knock: Record<string, { knock_state: { events: JsonObject[] } }>
    leave: Record<string, SyncedRoom>
  }
}

/** Syncs as a client does that keeps each room's state by what it is told. */
export class Syncer {
  readonly person: TestPerson
  readonly states = new Map<string, Map<string, JsonObject>>()
  since: string | undefined

  constructor(person: TestPerson) {
    this.person = person
  }

  async sync(query: Record<string, string> = {}): Promise<Synced> {
    const all = { ...query, ...(this.since === undefined ? {} : { since: this.since }) }
    const body: unknown = await this.person.must('GET', `sync?${new URLSearchParams(all)}`)
    const synced = body as Synced
    this.since = synced.next_batch
    for (const [roomId, room] of Object.entries(synced.rooms.join)) this.#follow(roomId, room)
    for (const roomId of Object.keys(synced.rooms.leave)) this.states.delete(roomId)
    return synced
  }

  /** A joined room of an answer. */
  room(synced: Synced, roomId: string): SyncedRoom {
    const room = synced.rooms.join[roomId]
    if (!room) throw new Error(`the sync has no ${roomId}: ${JSON.stringify(synced.rooms)}`)
    return room
  }

  /** Contents by `type|state key`. */
  stateOf(roomId: string): Map<string, JsonObject> {
    return this.states.get(roomId) ?? new Map()
  }

  #follow(roomId: string, { state, state_after, timeline }: SyncedRoom): void {
    const known = this.states.get(roomId) ?? new Map<string, JsonObject>()
    this.states.set(roomId, known)
    const events = state_after ? state_after.events : [...(state?.events ?? []), ...timeline.events]
    for (const event of events) {
      if (event.state_key === undefined) continue
      known.set(`${event.type}|${event.state_key}`, event.content)
    }
  }
}

/** A new room's id. */
export async function createRoom(person: TestPerson, options: JsonObject = {}): Promise<string> {
  return String((await person.must('POST', 'createRoom', options)).room_id)
}

let transactions = 0

/** Sends a text, or other content, and answers the event's id. */
export async function say(person: TestPerson, room: string, said: string | JsonObject): Promise<string> {
  const content = typeof said === 'string' ? { msgtype: 'm.text', body: said } : said
  const sent = await person.must('PUT', `rooms/${room}/send/m.room.message/t${++transactions}`, content)
  return String(sent.event_id)
}
