import './quiet-sdk.ts'
import { once } from 'node:events'
import {
  ClientEvent,
  createClient,
  EventType,
  Filter,
  KnownMembership,
  type MatrixClient,
  type MatrixEvent,
  MemoryStore,
  Method,
  RelationType,
  type Room,
} from 'matrix-js-sdk'
import type { Logger } from 'matrix-js-sdk/lib/logger.js'
import { login, register, type Session, transactionIds } from './accounts.ts'
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
import { type AnsweredSend, persistentFetch } from './persistent-fetch.ts'
import type { TestServer } from './server.ts'

const seesWithinMs = 60_000
// No sync of a story is cut short by this limit. When one is, and holds an event that the client just sent itself, the SDK
// takes it for an overlap and drops what came before: a hole that no server made.
const timelineLimit = 1000

/** Somebody who uses matrix-js-sdk: a real client that syncs, without encryption. */
export class SdkPerson implements Participant {
  readonly client: MatrixClient
  readonly userId: string
  readonly server: TestServer
  /** Every send that the server answered with 200. */
  readonly sent: AnsweredSend[] = []
  readonly #nextTransactionId = transactionIds()
  readonly #gone = new AbortController()

  constructor(session: Session) {
    this.userId = session.userId
    this.server = session.server
    this.client = createClient({
      baseUrl: session.server.url,
      userId: session.userId,
      deviceId: session.deviceId,
      accessToken: session.token,
      fetchFn: persistentFetch({ onSent: (send) => this.sent.push(send), gone: this.#gone.signal }),
      store: new MemoryStore(),
      logger: silent,
    })
  }

  async start(): Promise<void> {
    const filter = new Filter(this.userId)
    filter.setTimelineLimit(timelineLimit)
    filter.setLazyLoadMembers(true)
    const options = { filter, initialSyncLimit: timelineLimit, lazyLoadMembers: true, disablePresence: true }
    await this.client.startClient(options)
  }

  async createRoom(options: RoomOptions = {}): Promise<string> {
    const created = await this.client.http.authedRequest<{ room_id: string }>(
      Method.Post,
      '/createRoom',
      undefined,
      { ...options },
    )
    return created.room_id
  }

  async join(room: string, options?: Via): Promise<string> {
    const joined = await this.client.joinRoom(room, { viaServers: viaList(options) })
    return joined.roomId
  }

  async knock(room: string, options?: Via): Promise<string> {
    const knocked = await this.client.knockRoom(room, { viaServers: viaList(options) })
    return knocked.room_id
  }

  async invite(who: Who, room: string): Promise<void> {
    await this.client.invite(room, userIdOf(who))
  }

  async leave(room: string): Promise<void> {
    await this.client.leave(room)
  }

  async forget(room: string): Promise<void> {
    await this.client.forget(room)
  }

  async kick(who: Who, room: string, reason?: string): Promise<void> {
    await this.client.kick(room, userIdOf(who), reason)
  }

  async ban(who: Who, room: string, reason?: string): Promise<void> {
    await this.client.ban(room, userIdOf(who), reason)
  }

  async unban(who: Who, room: string): Promise<void> {
    await this.client.unban(room, userIdOf(who))
  }

  async send(room: string, body: string): Promise<string> {
    return (await this.client.sendMessage(room, text(body) as never, this.#nextTransactionId())).event_id
  }

  async edit(room: string, eventId: string, body: string): Promise<string> {
    const content = editOf(eventId, body) as never
    return (await this.client.sendMessage(room, content, this.#nextTransactionId())).event_id
  }

  async react(room: string, eventId: string, key: string): Promise<string> {
    const content = reactionTo(eventId, key) as never
    return (await this.client.sendEvent(room, EventType.Reaction, content, this.#nextTransactionId()))
      .event_id
  }

  async redact(room: string, eventId: string, reason?: string): Promise<string> {
    const options = reason === undefined ? undefined : { reason }
    return (await this.client.redactEvent(room, eventId, this.#nextTransactionId(), options)).event_id
  }

  async receipt(room: string, eventId: string): Promise<void> {
    const event = this.room(room).findEventById(eventId)
    if (!event) throw new Error(`${this.userId} cannot have read ${eventId}: it is not in the timeline`)
    await this.client.sendReadReceipt(event)
  }

  async typing(room: string, isTyping: boolean): Promise<void> {
    await this.client.sendTyping(room, isTyping, 30_000)
  }

  room(id: string): Room {
    const room = this.client.getRoom(id)
    if (!room) throw new Error(`${this.userId} has never heard of ${id}`)
    return room
  }

  /** Waits for the first sync. */
  async synced(): Promise<void> {
    const signal = AbortSignal.timeout(seesWithinMs)
    while (!this.client.isInitialSyncComplete()) await once(this.client, ClientEvent.Sync, { signal })
  }

  /** Waits until a sync has shown the room like that; what that is, for the message of a failure. */
  async sees(id: string, sight: (room: Room) => boolean, what = String(sight)): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = () => {
      const room = this.client.getRoom(id)
      if (room && sight(room)) resolve()
    }
    const giveUp = () => reject(new Error(`${this.userId} has not seen it in ${seesWithinMs} ms: ${what}`))
    const timer = setTimeout(giveUp, seesWithinMs)
    this.#gone.signal.addEventListener('abort', giveUp)
    this.client.on(ClientEvent.Sync, look)
    look()
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#gone.signal.removeEventListener('abort', giveUp)
      this.client.off(ClientEvent.Sync, look)
    }
  }

  /** Waits until somebody has this membership, also when that was before members were loaded. */
  async seesMember(id: string, { userId }: { userId: string }, wanted: string): Promise<void> {
    await this.sees(id, (room) => room.getMyMembership() === KnownMembership.Join)
    await this.room(id).loadMembersIfNeeded()
    await this.sees(id, (room) => room.getMember(userId)?.membership === wanted, `${userId} ${wanted}`)
  }

  /** Pages back to the start of the room; returns all it may see, oldest first, edits and redactions applied. */
  async wholeTimeline(id: string): Promise<MatrixEvent[]> {
    const room = this.room(id)
    while (room.oldState.paginationToken !== null) await this.client.scrollback(room, 100)
    return room.getLiveTimeline().getEvents()
  }

  /** The ids of the reactions to an event, as the server relates them. */
  async reactions(room: string, eventId: string): Promise<string[]> {
    const relations = await this.client.relations(
      room,
      eventId,
      RelationType.Annotation,
      EventType.Reaction,
      {
        limit: 100,
      },
    )
    return relations.events.map((event) => event.getId() ?? '')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gone.abort()
    this.client.stopClient()
  }
}

export async function newSdkPerson(server: TestServer, localpart: string): Promise<SdkPerson> {
  const person = new SdkPerson(await register(server, localpart))
  await person.start()
  return person
}

/** The same account on a new device, which knows nothing yet. Resolves after its first sync. */
export async function freshSdkDevice(person: SdkPerson): Promise<SdkPerson> {
  const localpart = person.userId.slice(1, person.userId.indexOf(':'))
  const fresh = new SdkPerson(await login(person.server, localpart))
  await fresh.start()
  await fresh.synced()
  return fresh
}

const silent: Logger = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  getChild: () => silent,
}
