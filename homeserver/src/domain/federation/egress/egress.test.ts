import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { buildEvent } from '@kith/spec/events/build'
import type { JsonObject } from '@kith/spec/json'
import type { TestPerson } from '../../../api/test-person.ts'
import { startTestServer, type TestServer } from '../../../api/test-server.ts'
import { nodeCrypto } from '../../../platform/crypto.ts'
import { destinationsOfShard } from '../../../storage/destinations.ts'
import type { RoomNumber } from '../../../storage/interning.ts'
import { joinable } from '../../rooms/head.ts'
import { placeEvent } from '../../rooms/place.ts'
import { stateAt } from '../../rooms/state-reader.ts'
import { peerTrustingClient, type TestPeer, testPeer } from '../test-peer.ts'
import { recipientsOf } from './recipients.ts'
import { shardOf } from './shards.ts'

let alpha: TestServer
let alice: TestPerson
before(async () => {
  alpha = await startTestServer({ parts: peerTrustingClient() })
  alice = await alpha.register('alice')
})
after(() => alpha[Symbol.asyncDispose]())

/** A user of the peer joins, as its signed event says. */
async function joinFrom(peer: TestPeer, roomId: string): Promise<RoomNumber> {
  const { server } = alpha
  const room = await server.interning.rooms.number(server.database, roomId)
  const head = await server.rooms.head(room)
  assert(head)
  const sender = `@eve:${peer.name}`
  const auth = await stateAt(server, head.root, [
    ['m.room.power_levels', ''],
    ['m.room.join_rules', ''],
  ])
  const previous = joinable(head)
  const event = buildEvent(
    {
      type: 'm.room.member',
      room_id: roomId,
      sender,
      state_key: sender,
      content: { membership: 'join' },
      origin_server_ts: Date.now(),
      depth: (previous[0]?.pdu.depth ?? 0) + 1,
      prev_events: previous.map((one) => one.eventId),
      auth_events: [...auth.values()].map((one) => one.eventId),
    },
    { rules: head.rules, serverName: peer.name, key: peer.key, crypto: nodeCrypto },
  )
  assert.equal(await placeEvent(server, room, { event }), 'accepted')
  return room
}

async function roomWith(...peers: TestPeer[]): Promise<string> {
  const { room_id: roomId } = await alice.must('POST', 'createRoom', { preset: 'public_chat' })
  for (const peer of peers) await joinFrom(peer, String(roomId))
  return String(roomId)
}

let counter = 0
const send = async (roomId: string) =>
  String(
    (
      await alice.must('PUT', `rooms/${encodeURIComponent(roomId)}/send/m.room.message/${counter++}`, {
        msgtype: 'm.text',
        body: `${counter}`,
      })
    ).event_id,
  )

/** The bodies of messages that a peer was sent in transactions it took. */
function received(peer: TestPeer): string[] {
  return peer.requests.flatMap(({ target, body }) => {
    if (!target.startsWith('/_matrix/federation/v1/send/')) return []
    const { pdus } = JSON.parse(body) as { pdus: JsonObject[] }
    return pdus
      .filter((pdu) => pdu.type === 'm.room.message')
      .map((pdu) => String((pdu.content as JsonObject).body))
  })
}

/** Waits for something that a peer's next requests make true. */
async function until(peer: TestPeer, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const answer = peer.answer
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = async () => {
    if (await isTrue()) resolve()
  }
  peer.answer = (request) => {
    setImmediate(look)
    return answer(request)
  }
  await look()
  await promise
  peer.answer = answer
}

const rowOf = async (peer: TestPeer) =>
  (await destinationsOfShard(alpha.database, shardOf(peer.name))).find((row) => row.destination === peer.name)

test('a server in the room is told of every event, in order, signed and with its own transaction ids', async () => {
  await using peer = await testPeer(31, Date)
  const room = await roomWith(peer)
  const before = counter
  for (let n = 0; n < 30; n++) await send(room)
  await until(peer, () => received(peer).length >= 30)
  assert.deepEqual(
    received(peer),
    Array.from({ length: 30 }, (_, n) => `${before + n + 1}`),
  )
  const targets = peer.requests.map((request) => request.target)
  assert.equal(new Set(targets).size, targets.length)
  assert.match(String(peer.requests[0]?.headers.authorization), /^X-Matrix origin="alpha\.test",destination=/)
})

test('F10: what a server missed is owed, and arrives in order once it answers again', async () => {
  await using peer = await testPeer(32, Date)
  const room = await roomWith(peer)
  const answer = peer.answer
  peer.answer = () => ({ status: 503, json: {} })
  const before = counter
  for (let n = 0; n < 120; n++) await send(room)
  await until(peer, async () => (await rowOf(peer)) !== undefined)
  peer.answer = answer
  const taken: string[] = []
  const take = peer.requests.length
  await until(peer, () => {
    taken.splice(0, taken.length, ...received({ ...peer, requests: peer.requests.slice(take) }))
    return taken.includes(`${before + 120}`)
  })
  assert.deepEqual(
    [...new Set(taken)],
    Array.from({ length: 120 }, (_, n) => `${before + n + 1}`),
  )
})

test('a server that does not answer keeps no other waiting', async () => {
  await using dead = await testPeer(33, Date)
  await using live = await testPeer(34, Date)
  const stalled = Promise.withResolvers<void>()
  dead.answer = () => ({ until: stalled.promise })
  const room = await roomWith(dead, live)
  for (let n = 0; n < 10; n++) await send(room)
  await until(live, () => received(live).length >= 10)
  stalled.resolve()
})

test('the server of a removed user is told of the removal, and of nothing later', async () => {
  await using peer = await testPeer(35, Date)
  await using other = await testPeer(36, Date)
  const room = await roomWith(peer, other)
  const path = `rooms/${encodeURIComponent(room)}/ban`
  await alice.must('POST', path, { user_id: `@eve:${peer.name}` })
  await send(room)
  await until(other, () => received(other).length === 1)
  const types = peer.requests.flatMap(({ body }) =>
    (JSON.parse(body) as { pdus: JsonObject[] }).pdus.map((pdu) => pdu.content),
  )
  assert.equal((types.at(-1) as JsonObject | undefined)?.membership, 'ban')
  assert.deepEqual(received(peer), [])
})

test('an event is owed to the servers that were in the room then, however it has changed since', async () => {
  await using peer = await testPeer(37, Date)
  await using other = await testPeer(38, Date)
  const room = await roomWith(peer, other)
  const ban = (from: TestPeer) =>
    alice.must('POST', `rooms/${encodeURIComponent(room)}/ban`, { user_id: `@eve:${from.name}` })
  const expected = new Map<string, string[]>()
  expected.set(await send(room), [peer.name, other.name])
  await ban(peer)
  expected.set(await send(room), [other.name])
  expected.set(await send(room), [other.name])
  await ban(other)
  expected.set(await send(room), [])
  await alice.must('POST', `join/${encodeURIComponent(room)}`)
  // In the order they came in, and in the other: what was counted for one is what the next starts from.
  for (const ids of [[...expected.keys()], [...expected.keys()].reverse()]) {
    for (const eventId of ids) {
      const event = await alpha.server.events.one(eventId)
      assert(event)
      assert.deepEqual([...(await recipientsOf(alpha.server, event))].sort(), expected.get(eventId)?.sort())
    }
  }
})
