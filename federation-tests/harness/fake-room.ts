import { buildEvent } from '@kith/spec/events/build'
import { eventIdOf, roomIdOf } from '@kith/spec/events/event-id'
import type { Pdu, RoomEvent } from '@kith/spec/events/pdu'
import { prevEventIds } from '@kith/spec/events/references'
import type { Json, JsonObject } from '@kith/spec/json'
import { authStateKeys } from '@kith/spec/rooms/auth/authorize'
import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import { stateKeyOf } from '@kith/spec/rooms/state-key'
import type { FakeServer } from './fake-server.ts'

/** Anything left out is what an honest server would put there. */
export type FakeDraft = Pick<Pdu, 'type' | 'content'> & Partial<Pdu>

/** A room as the fake server knows it. State is that of the events in the order of their arrival, unresolved. */
export interface FakeRoom {
  readonly id: string
  readonly rules: RoomVersionRules
  /** The user on the fake server who is in the room. */
  readonly userId: string
  /** By `stateKeyOf`. */
  readonly state: Map<string, RoomEvent>
  /** All known events by id. */
  readonly events: Map<string, RoomEvent>
  /** What the next event comes after. */
  heads: string[]
  /** Builds, hashes and signs an event after the heads, by the user above; it is not known to the room yet. */
  build(draft: FakeDraft): RoomEvent
  /** Takes in an event, as a new head. */
  add(event: RoomEvent): void
}

export function openFakeRoom(
  server: FakeServer,
  { id, version, userId }: { id: string; version: string; userId: string },
): FakeRoom {
  const rules = roomVersions.get(version)
  if (!rules) throw new Error(`unknown room version ${version}`)
  const room: FakeRoom = {
    id,
    rules,
    userId,
    state: new Map(),
    events: new Map(),
    heads: [],
    build: (draft) => buildEvent(completeDraft(room, draft), { rules, serverName: server.name, ...server }),
    add(event) {
      const { pdu, eventId } = event
      room.events.set(eventId, event)
      if (pdu.state_key !== undefined) room.state.set(stateKeyOf(pdu.type, pdu.state_key), event)
      room.heads = [...room.heads.filter((head) => !prevEventIds(pdu).includes(head)), eventId]
    },
  }
  return room
}

function completeDraft(room: FakeRoom, draft: FakeDraft): Omit<Pdu, 'hashes' | 'signatures'> {
  const { userId: sender, heads } = room
  const before = heads.map((head) => room.events.get(head)?.pdu.depth ?? 0)
  const keys = authStateKeys({ sender, ...draft }, room.rules)
  const authEvents = keys.flatMap(([type, key]) => room.state.get(stateKeyOf(type, key))?.eventId ?? [])
  return {
    room_id: room.id,
    sender,
    origin_server_ts: Date.now(),
    depth: Math.max(0, ...before) + 1,
    prev_events: [...heads],
    auth_events: authEvents,
    ...draft,
  }
}

interface Template {
  room_version: string
  event: Pdu
}

/** Joins a room by `make_join` and `send_join` through a server that is in it. */
export async function joinAsFake(
  server: FakeServer,
  { via, roomId, localpart = 'fiona' }: { via: string; roomId: string; localpart?: string },
): Promise<FakeRoom> {
  const userId = `@${localpart}:${server.name}`
  const versions = [...roomVersions.keys()].map((version) => `ver=${version}`).join('&')
  const [room, user] = [encodeURIComponent(roomId), encodeURIComponent(userId)]
  const template = await expectOk<Template>(server, via, {
    method: 'GET',
    uri: `/_matrix/federation/v1/make_join/${room}/${user}?${versions}`,
  })
  const joined = openFakeRoom(server, { id: roomId, version: template.room_version, userId })
  const { prev_events, auth_events, depth } = template.event
  const content = { membership: 'join' }
  const links = { prev_events, auth_events, depth }
  const join = joined.build({ type: 'm.room.member', state_key: userId, content, ...links })
  const uri = `/_matrix/federation/v2/send_join/${room}/${encodeURIComponent(join.eventId)}`
  const answer = await expectOk<{ state: Pdu[] }>(server, via, {
    method: 'PUT',
    uri,
    body: join.pdu as JsonObject,
  })
  for (const pdu of answer.state) {
    const event = receivedEvent(server, joined, pdu)
    joined.state.set(stateKeyOf(pdu.type, pdu.state_key ?? ''), event)
    joined.events.set(event.eventId, event)
  }
  joined.add(join)
  joined.heads = [join.eventId]
  followTransactions(server, joined)
  return joined
}

/** Sends events and ephemeral data in one transaction; returns the answer, whatever it is. */
export function sendTransaction(
  server: FakeServer,
  destination: string,
  transaction: { id: string; pdus?: (Pdu | Json)[]; edus?: Json[] },
): Promise<{ status: number; body: JsonObject }> {
  const { id, pdus = [], edus = [] } = transaction
  const body = { origin: server.name, origin_server_ts: Date.now(), pdus, edus } as JsonObject
  return server.request(destination, { method: 'PUT', uri: `/_matrix/federation/v1/send/${id}`, body })
}

/** Answers transactions with 200 and takes their events of this room in. */
function followTransactions(server: FakeServer, room: FakeRoom): void {
  server.answer('PUT', /^\/_matrix\/federation\/v1\/send\//, ({ body }) => {
    const events = (body.pdus ?? []).map((pdu) => receivedEvent(server, room, pdu))
    for (const event of events) if (event.roomId === room.id) room.add(event)
    return { json: { pdus: Object.fromEntries(events.map((event) => [event.eventId, {}])) } }
  })
}

function receivedEvent(server: FakeServer, { rules }: FakeRoom, pdu: Pdu): RoomEvent {
  const eventId = eventIdOf(pdu, rules, server.crypto)
  return { eventId, roomId: roomIdOf(pdu, eventId, rules) ?? '', pdu }
}

async function expectOk<T>(
  server: FakeServer,
  destination: string,
  outgoing: { method: 'GET' | 'PUT'; uri: string; body?: JsonObject },
): Promise<T> {
  const { status, body } = await server.request<T>(destination, outgoing)
  if (status !== 200) throw new Error(`${outgoing.method} ${outgoing.uri}: ${status} ${JSON.stringify(body)}`)
  return body
}
