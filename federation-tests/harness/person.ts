import type { JsonObject } from '@kith/spec/json'
import { login, register, type Session, transactionIds } from './accounts.ts'
import { type Call, call, path, persist } from './client-api.ts'
import {
  editOf,
  type Participant,
  type RoomOptions,
  reactionTo,
  text,
  userIdOf,
  type Via,
  viaList,
  type Who,
} from './participant.ts'
import type { AnsweredSend } from './persistent-fetch.ts'
import type { ClientEvent, RoomView, Sight } from './room-view.ts'
import type { TestServer } from './server.ts'
import { followRooms, messages, type Page, type SyncedRooms } from './synced-rooms.ts'

export interface StateContent {
  stateKey?: string
  content: JsonObject
}

const seesWithinMs = 20_000

/** Somebody with a plain HTTP client and one device. */
export class Person implements Participant {
  readonly userId: string
  readonly deviceId: string
  readonly token: string
  readonly server: TestServer
  /** Every send that the server answered with 200. */
  readonly sent: AnsweredSend[] = []
  readonly #nextTransactionId = transactionIds()
  #rooms: SyncedRooms | undefined

  constructor(session: Session) {
    this.userId = session.userId
    this.deviceId = session.deviceId
    this.token = session.token
    this.server = session.server
  }

  /** Any request under `/_matrix/client`, once. */
  request<T = JsonObject>(request: Call): Promise<T> {
    return call<T>({ url: this.server.url, token: this.token }, request)
  }

  async createRoom(options: RoomOptions = {}): Promise<string> {
    // Not repeated: a second try could make a second room.
    const body = { ...options }
    const created = await this.request<{ room_id: string }>({ method: 'POST', path: '/v3/createRoom', body })
    return created.room_id
  }

  join(room: string, options?: Via): Promise<string> {
    return this.#enter(path`/v3/join/${room}`, options)
  }

  knock(room: string, options?: Via): Promise<string> {
    return this.#enter(path`/v3/knock/${room}`, options)
  }

  invite(who: Who, room: string): Promise<void> {
    return this.#post(path`/v3/rooms/${room}/invite`, { user_id: userIdOf(who) })
  }

  leave(room: string): Promise<void> {
    return this.#post(path`/v3/rooms/${room}/leave`, {})
  }

  forget(room: string): Promise<void> {
    return this.#post(path`/v3/rooms/${room}/forget`, {})
  }

  kick(who: Who, room: string, reason?: string): Promise<void> {
    return this.#post(path`/v3/rooms/${room}/kick`, { user_id: userIdOf(who), ...(reason && { reason }) })
  }

  ban(who: Who, room: string, reason?: string): Promise<void> {
    return this.#post(path`/v3/rooms/${room}/ban`, { user_id: userIdOf(who), ...(reason && { reason }) })
  }

  unban(who: Who, room: string): Promise<void> {
    return this.#post(path`/v3/rooms/${room}/unban`, { user_id: userIdOf(who) })
  }

  send(room: string, body: string): Promise<string> {
    return this.sendEvent(room, 'm.room.message', text(body))
  }

  edit(room: string, eventId: string, body: string): Promise<string> {
    return this.sendEvent(room, 'm.room.message', editOf(eventId, body))
  }

  react(room: string, eventId: string, key: string): Promise<string> {
    return this.sendEvent(room, 'm.reaction', reactionTo(eventId, key))
  }

  sendEvent(room: string, type: string, content: JsonObject): Promise<string> {
    const transactionId = this.#nextTransactionId()
    return this.#put(path`/v3/rooms/${room}/send/${type}/${transactionId}`, content, { room, transactionId })
  }

  redact(room: string, eventId: string, reason?: string): Promise<string> {
    const transactionId = this.#nextTransactionId()
    const body = { ...(reason && { reason }) }
    return this.#put(path`/v3/rooms/${room}/redact/${eventId}/${transactionId}`, body, {
      room,
      transactionId,
    })
  }

  async sendState(room: string, type: string, { stateKey = '', content }: StateContent): Promise<string> {
    const at = path`/v3/rooms/${room}/state/${type}/${stateKey}`
    const request = { method: 'PUT', path: at, body: content } as const
    const { result } = await persist(() => this.request<{ event_id: string }>(request))
    return result.event_id
  }

  receipt(room: string, eventId: string): Promise<void> {
    return this.#post(path`/v3/rooms/${room}/receipt/m.read/${eventId}`, {})
  }

  async typing(room: string, isTyping: boolean): Promise<void> {
    const body: JsonObject = isTyping ? { typing: true, timeout: 30_000 } : { typing: false }
    const request = { method: 'PUT', path: path`/v3/rooms/${room}/typing/${this.userId}`, body } as const
    await persist(() => this.request(request))
  }

  /** All events of the room's state now. */
  async state(room: string): Promise<ClientEvent[]> {
    const request = { method: 'GET', path: path`/v3/rooms/${room}/state` } as const
    return (await persist(() => this.request<ClientEvent[]>(request))).result
  }

  messages(room: string, query: { from?: string; dir: 'b' | 'f'; limit?: number }): Promise<Page> {
    return messages({ url: this.server.url, token: this.token }, room, query)
  }

  /** Everything in the room that the server lets this person see, oldest first. */
  async history(room: string): Promise<ClientEvent[]> {
    const events: ClientEvent[] = []
    for (let from: string | undefined, first = true; first || from; first = false) {
      const page: Page = await this.messages(room, { from, dir: 'b', limit: 100 })
      events.push(...page.chunk)
      from = page.end
    }
    return events.reverse()
  }

  /** Waits until `/sync` has shown the room like that. */
  sees(room: string, sight: Sight, withinMs = seesWithinMs): Promise<RoomView> {
    this.#rooms ??= followRooms({ url: this.server.url, token: this.token })
    return this.#rooms.sees(room, sight, withinMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rooms?.stop()
  }

  async #enter(at: string, options?: Via): Promise<string> {
    const via = viaList(options)
    // `server_name` is what servers before v1.12 of the specification read.
    const request = { method: 'POST', path: at, query: { via, server_name: via }, body: {} } as const
    return (await persist(() => this.request<{ room_id: string }>(request))).result.room_id
  }

  async #post(at: string, body: JsonObject): Promise<void> {
    await persist(() => this.request({ method: 'POST', path: at, body }))
  }

  async #put(at: string, body: JsonObject, sent: Omit<AnsweredSend, 'eventId' | 'tries'>): Promise<string> {
    const request = { method: 'PUT', path: at, body } as const
    const { result, tries } = await persist(() => this.request<{ event_id: string }>(request))
    this.sent.push({ ...sent, eventId: result.event_id, tries })
    return result.event_id
  }
}

export async function newPerson(server: TestServer, localpart: string): Promise<Person> {
  return new Person(await register(server, localpart))
}

/** The same account on another device. */
export async function anotherDevice(person: Person): Promise<Person> {
  const localpart = person.userId.slice(1, person.userId.indexOf(':'))
  return new Person(await login(person.server, localpart))
}
