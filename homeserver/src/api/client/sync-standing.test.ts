/** The standing check of sync: what a client knows by increments is what a fresh one is told at once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import type { Tail } from '../../log/log.ts'
import { memoryBus } from '../../platform/bus.ts'
import { TestPerson } from '../test-person.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { createRoom, type Synced, type SyncedRoom, Syncer, say } from './test-syncer.ts'

/** Numbers from a seed, so that a failure can be had again. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Keeps beside states all else that is told in increments. */
class Client extends Syncer {
  readonly query: Record<string, string>
  readonly unread = new Map<string, JsonObject>()
  readonly receipts = new Map<string, JsonObject>()
  readonly accountData = new Map<string, JsonObject>()
  readonly summaries = new Map<string, JsonObject>()
  readonly invites = new Set<string>()
  /** Event ids in order, since the last gap. */
  readonly timelines = new Map<string, string[]>()

  constructor(person: TestPerson, query: Record<string, string>) {
    super(person)
    this.query = query
  }

  async update(): Promise<this> {
    const synced = await this.sync(this.query)
    for (const { type, content } of synced.account_data.events)
      this.accountData.set(String(type), content as JsonObject)
    for (const [roomId, room] of Object.entries(synced.rooms.join)) this.#followRoom(roomId, room)
    for (const roomId of Object.keys(synced.rooms.leave)) this.#leave(roomId)
    this.#followInvites(synced)
    return this
  }

  #followInvites({ rooms }: Synced): void {
    for (const roomId of [...Object.keys(rooms.join), ...Object.keys(rooms.leave)])
      this.invites.delete(roomId)
    for (const roomId of Object.keys(rooms.invite)) this.invites.add(roomId)
    for (const roomId of Object.keys(rooms.invite)) this.#leave(roomId)
    for (const roomId of Object.keys(rooms.invite)) this.states.delete(roomId)
  }

  #followRoom(roomId: string, room: SyncedRoom): void {
    if (room.unread_notifications) this.unread.set(roomId, room.unread_notifications)
    if (room.summary) this.summaries.set(roomId, room.summary)
    const { events, limited } = room.timeline
    const held = limited ? [] : (this.timelines.get(roomId) ?? [])
    this.timelines.set(roomId, [...held, ...events.map((event) => event.event_id)])
    for (const { type, content } of room.account_data?.events ?? []) {
      this.accountData.set(`${roomId} ${type}`, content as JsonObject)
    }
    for (const { type, content } of room.ephemeral?.events ?? []) {
      if (type !== 'm.receipt') continue
      for (const [eventId, types] of Object.entries(content as JsonObject)) {
        for (const [kind, users] of Object.entries(types as JsonObject)) {
          for (const user of Object.keys(users as JsonObject)) {
            this.receipts.set(`${roomId} ${kind} ${user}`, { eventId })
          }
        }
      }
    }
  }

  #leave(roomId: string): void {
    for (const map of [this.unread, this.summaries, this.timelines]) map.delete(roomId)
    for (const key of this.receipts.keys()) if (key.startsWith(`${roomId} `)) this.receipts.delete(key)
    for (const key of this.accountData.keys()) if (key.startsWith(`${roomId} `)) this.accountData.delete(key)
  }

  /** Holds what came by increments against what pagination has. */
  async checkTimelines(): Promise<void> {
    for (const [roomId, ids] of this.timelines) {
      const page = await this.person.must(
        'GET',
        `rooms/${roomId}/messages?dir=b&limit=${Math.max(ids.length, 1)}`,
      )
      const expected = (page.chunk as JsonObject[]).slice(0, ids.length).map((event) => event.event_id)
      assert.deepEqual(ids.toReversed(), expected, `${this.person.userId} in ${roomId}`)
    }
  }

  known() {
    const sorted = <T>(map: Map<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
    return {
      states: sorted(this.states).map(([room, state]) => [room, sorted(state)]),
      unread: sorted(this.unread),
      receipts: sorted(this.receipts),
      accountData: sorted(this.accountData),
      summaries: sorted(this.summaries).map(([room, summary]) => [
        room,
        summary['m.joined_member_count'],
        summary['m.invited_member_count'],
      ]),
      invites: [...this.invites].sort(),
    }
  }
}

interface Play {
  pick: (below: number) => number
  people: TestPerson[]
  rooms: string[]
  events: Map<string, string[]>
}

/** One action of somebody; whether it is allowed is not our business. */
async function act({ pick, people, rooms, events }: Play, step: number): Promise<void> {
  const any = <T>(list: readonly T[]) => list[pick(list.length)] as T
  const [person, other, room] = [any(people), any(people), any(rooms)]
  const sent = events.get(room) ?? []
  const event = sent.length > 0 ? any(sent) : '$none'
  const call = (method: string, path: string, body: JsonObject = {}) => person.call(method, path, { body })
  const state = (type: string, content: JsonObject) => call('PUT', `rooms/${room}/state/${type}`, content)
  const actions: (() => Promise<unknown>)[] = [
    ...[1, 2, 3].map(() => () => call('POST', `join/${room}`)),
    () => call('POST', `rooms/${room}/unban`, { user_id: other.userId }),
    () => call('POST', `rooms/${room}/leave`),
    () => call('POST', `rooms/${room}/invite`, { user_id: other.userId }),
    () => call('POST', `rooms/${room}/kick`, { user_id: other.userId }),
    () => call('POST', `rooms/${room}/ban`, { user_id: other.userId }),
    () => call('POST', `rooms/${room}/unban`, { user_id: other.userId }),
    () => state('m.room.topic', { topic: `${step}` }),
    () => state('m.room.name', { name: `${step}` }),
    () => state(`test.${pick(3)}/${pick(3)}`, { step }),
    () => call('PUT', `profile/${person.userId}/displayname`, { displayname: `name ${step}` }),
    () => call('PUT', `user/${person.userId}/account_data/test.${pick(3)}`, { step }),
    () => call('PUT', `user/${person.userId}/rooms/${room}/account_data/test.${pick(3)}`, { step }),
    () => call('POST', `rooms/${room}/receipt/m.read/${event}`),
    () => call('POST', `rooms/${room}/receipt/m.read.private/${event}`),
    () => call('POST', `rooms/${room}/read_markers`, { 'm.fully_read': event, 'm.read': event }),
    () => call('PUT', `rooms/${room}/redact/${event}/r${step}`),
  ]
  const talk = async () => {
    const content = { msgtype: 'm.text', body: `${step}`, 'm.mentions': { user_ids: [other.userId] } }
    const answer = await call('PUT', `rooms/${room}/send/m.room.message/${step}`, content)
    if (answer.status === 200) events.set(room, [...sent, String(answer.body.event_id)])
  }
  await (pick(3) === 0 ? talk() : any(actions)())
}

const ways: Record<string, string>[] = [
  {},
  { use_state_after: 'true' },
  { filter: JSON.stringify({ room: { timeline: { limit: 1 } } }) },
  { filter: JSON.stringify({ room: { timeline: { limit: 2 } } }), use_state_after: 'true' },
]

async function begin(alpha: TestServer, seed: number): Promise<Play> {
  const people = await Promise.all(['alice', 'bob', 'carol'].map((name) => alpha.register(name)))
  const [alice, bob] = people as [TestPerson, TestPerson]
  const options = (users: JsonObject) => ({ power_level_content_override: { users, users_default: 50 } })
  const rooms = [
    await createRoom(alice, {
      preset: 'public_chat',
      room_version: '11',
      ...options({ [alice.userId]: 100 }),
    }),
    await createRoom(bob, { preset: 'public_chat', ...options({}) }),
    await createRoom(bob, { preset: 'private_chat', ...options({}) }),
  ]
  return { pick: seeded(seed), people, rooms, events: new Map() }
}

/** How the server finds out what changed: all three ways must tell the same. */
const sources: Record<string, (tail: Tail) => void> = {
  'the changes in memory': () => undefined,
  'changes of another process': (tail) => {
    const since = tail.since.bind(tail)
    tail.since = (after) => {
      const rows = since(after)
      return rows === 'beyond the tail' ? rows : rows.map((row) => ({ ...row, payload: undefined }))
    }
  },
  'the tables alone': (tail) => {
    tail.since = () => 'beyond the tail'
  },
}

for (const [source, use] of Object.entries(sources)) {
  for (const seed of [1, 2]) {
    test(`initial sync and increments are a fresh initial sync, after any action (by ${source}, seed ${seed})`, async () => {
      await using alpha = await startTestServer()
      const play = await begin(alpha, seed)
      use(alpha.server.log.tail)
      const clients = play.people.flatMap((person) => ways.map((way) => new Client(person, way)))
      for (let step = 0; step < 120; step++) {
        await act(play, step)
        for (const client of clients) if (play.pick(4) === 0) await client.update()
      }
      for (const client of clients) {
        await client.update()
        await client.checkTimelines()
        const fresh = await new Client(client.person, client.query).update()
        assert.deepEqual(
          client.known(),
          fresh.known(),
          `${client.person.userId} ${JSON.stringify(client.query)}`,
        )
      }
      assert.deepEqual(
        alpha.logged.filter((line) => line.includes('could not be read')),
        [],
      )
    })
  }
}

test('initial sync and increments are a fresh initial sync, while two processes are acted on and asked at once', async () => {
  const parts = { bus: memoryBus() }
  await using acting = await startTestServer({ parts })
  await using asked = await startTestServer({ parts, sharing: acting.database })
  const play = await begin(acting, 5)
  const there = ({ userId, deviceId, accessToken }: TestPerson) =>
    new TestPerson(asked.url, { userId, deviceId, accessToken: String(accessToken) })
  const clients = play.people.flatMap((person) =>
    ways.map((way, n) => new Client(n % 2 === 0 ? there(person) : person, way)),
  )
  const asking = new Map<Client, Promise<unknown>>()
  for (let step = 0; step < 150; step += 3) {
    const acts = [step, step + 1, step + 2].map((each) => act(play, each))
    for (const client of clients) {
      if (play.pick(3) === 0)
        asking.set(
          client,
          (asking.get(client) ?? Promise.resolve()).then(() => client.update()),
        )
    }
    await Promise.all(acts)
  }
  await Promise.all(asking.values())
  await asked.server.log.tail.refresh()
  for (const client of clients) {
    await client.update()
    await client.checkTimelines()
    const fresh = await new Client(client.person, client.query).update()
    assert.deepEqual(client.known(), fresh.known(), `${client.person.userId} ${JSON.stringify(client.query)}`)
  }
})

test('the standing check sees a planted fault', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const room = await createRoom(alice, {})
  const client = await new Client(alice, {}).update()
  await say(alice, room, 'hello')
  await alice.must('PUT', `rooms/${room}/state/m.room.topic`, { topic: 'lost' })
  await client.update()
  client.stateOf(room).delete('m.room.topic|')
  const fresh = await new Client(alice, {}).update()
  assert.throws(() => assert.deepEqual(client.known(), fresh.known()))
})
