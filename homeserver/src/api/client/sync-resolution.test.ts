import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildEvent } from '@kith/spec/events/build'
import type { JsonObject } from '@kith/spec/json'
import { authStateKeys } from '@kith/spec/rooms/auth/authorize'
import type { Head } from '../../domain/rooms/head.ts'
import { placeEvent } from '../../domain/rooms/place.ts'
import { stateAt } from '../../domain/rooms/state-reader.ts'
import { signingKeyFromSeed } from '../../platform/crypto.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { createRoom, Syncer, say } from './test-syncer.ts'

const eve = '@eve:beta.test'
const key = signingKeyFromSeed('ed25519:1', new Uint8Array(32).fill(7))

interface Said {
  type: string
  stateKey?: string
  content: JsonObject
  /** Milliseconds after the present. */
  laterMs?: number
  /** An event that nobody here has, in place of those at the head. */
  after?: string
}

async function headOf({ server }: TestServer, room: string): Promise<Head> {
  const head = await server.rooms.head(await server.interning.rooms.number(server.database, room))
  assert.ok(head)
  return head
}

/** Places an event of somebody elsewhere who knows the room as it was at `head`. */
async function fromElsewhere({ server }: TestServer, head: Head, said: Said): Promise<string> {
  const pdu = {
    type: said.type,
    sender: eve,
    content: said.content,
    ...(said.stateKey === undefined ? {} : { state_key: said.stateKey }),
  }
  const keys = authStateKeys(pdu, head.rules)
  const auth = [...(await stateAt(server, head.root, keys)).values()].map(({ eventId }) => eventId)
  const previous = [...head.extremities.values()]
  const event = buildEvent(
    {
      ...pdu,
      room_id: head.roomId,
      origin_server_ts: server.clock.now() + (said.laterMs ?? 0),
      depth: Math.max(...previous.map((one) => one.pdu.depth)) + 1,
      prev_events: said.after ? [said.after] : previous.map(({ eventId }) => eventId),
      auth_events: auth,
    },
    { rules: head.rules, serverName: 'beta.test', key, crypto: server.crypto },
  )
  const stateBefore = said.after ? { root: head.root, rows: [] } : undefined
  assert.equal(await placeEvent(server, head.room, { event, stateBefore }), 'accepted')
  return event.eventId
}

async function scene(alpha: TestServer) {
  const alice = await alpha.register('alice')
  const power_level_content_override = { users_default: 50 }
  const room = await createRoom(alice, { preset: 'public_chat', power_level_content_override })
  const content = { membership: 'join' }
  await fromElsewhere(alpha, await headOf(alpha, room), { type: 'm.room.member', stateKey: eve, content })
  return { alice, room }
}

const topic = (name: string): Said => ({ type: 'm.room.topic', stateKey: '', content: { topic: name } })
const topicIn = (syncer: Syncer, room: string) => syncer.stateOf(room).get('m.room.topic|')?.topic

for (const stateAfter of ['false', 'true']) {
  test(`a client is not misled by a state event that was overruled (use_state_after ${stateAfter})`, async () => {
    await using alpha = await startTestServer()
    const { alice, room } = await scene(alpha)
    const query = { use_state_after: stateAfter }
    const [early, late] = [new Syncer(alice), new Syncer(alice)]
    await Promise.all([early.sync(query), late.sync(query)])
    const before = await headOf(alpha, room)
    await alice.must('PUT', `rooms/${room}/state/m.room.topic`, { topic: 'hers' })
    await early.sync(query)
    const overruled = await fromElsewhere(alpha, before, { ...topic('eve’s'), laterMs: -60_000 })
    await say(alice, room, 'after')
    for (const syncer of [early, late, new Syncer(alice)]) {
      const { timeline } = syncer.room(await syncer.sync(query), room)
      assert.equal(topicIn(syncer, room), 'hers')
      assert.equal(timeline.events.at(-1)?.content.body, 'after')
      const page = await alice.must(
        'GET',
        `rooms/${room}/messages?dir=b&limit=50&from=${timeline.prev_batch}`,
      )
      const told = [...timeline.events, ...(page.chunk as JsonObject[])].map((event) => event.event_id)
      assert.equal(told.filter((id) => id === overruled).length, 1)
    }
  })

  test(`state that was resolved away reaches clients (use_state_after ${stateAfter})`, async () => {
    await using alpha = await startTestServer()
    const { alice, room } = await scene(alpha)
    const query = { use_state_after: stateAfter }
    const syncer = new Syncer(alice)
    const before = await headOf(alpha, room)
    await alice.must('PUT', `rooms/${room}/state/m.room.topic`, { topic: 'hers' })
    await alice.must('PUT', `rooms/${room}/state/m.room.name`, { name: 'kept' })
    await syncer.sync(query)
    assert.equal(topicIn(syncer, room), 'hers')
    await fromElsewhere(alpha, before, { ...topic('eve’s'), laterMs: 60_000 })
    await syncer.sync(query)
    assert.equal(topicIn(syncer, room), 'eve’s')
    assert.equal(syncer.stateOf(room).get('m.room.name|')?.name, 'kept')
  })
}

test('V1: what somebody says who does not know yet of a join is not for the one who joined, where that matters', async () => {
  await using alpha = await startTestServer()
  const { alice, room } = await scene(alpha)
  const bob = await alpha.register('bob')
  await alice.must('PUT', `rooms/${room}/state/m.room.history_visibility`, { history_visibility: 'joined' })
  const before = await headOf(alpha, room)
  await bob.must('POST', `join/${room}`, {})
  const syncer = new Syncer(bob)
  await syncer.sync()
  const content = { msgtype: 'm.text', body: 'secret' }
  const event = await fromElsewhere(alpha, before, { type: 'm.room.message', content })
  assert.doesNotMatch(JSON.stringify(await syncer.sync()), /secret/)
  await bob.refused(['GET', `rooms/${room}/event/${event}`], 404, 'M_NOT_FOUND')
})

test('V4: a timeline never spans a gap; paging comes to it, has it filled, and goes on', async () => {
  await using alpha = await startTestServer()
  const { alice, room } = await scene(alpha)
  const syncer = new Syncer(alice)
  await syncer.sync()
  const before = await say(alice, room, 'before')
  const missing = `$${'M'.repeat(43)}`
  const content = { msgtype: 'm.text', body: 'beyond' }
  const beyond = await fromElsewhere(alpha, await headOf(alpha, room), {
    type: 'm.room.message',
    content,
    after: missing,
  })
  const after = await say(alice, room, 'after')
  for (const client of [syncer, new Syncer(alice)]) {
    const { timeline } = client.room(await client.sync(), room)
    assert.equal(timeline.limited, true)
    assert.deepEqual(
      timeline.events.map(({ event_id }) => event_id),
      [beyond, after],
    )
    const asked: string[][] = []
    alpha.server.backfill = async (_room, gap) => {
      asked.push(gap.missing)
      return 'nothing'
    }
    const page = await alice.must('GET', `rooms/${room}/messages?dir=b&limit=1&from=${timeline.prev_batch}`)
    assert.deepEqual(asked, [[missing]])
    assert.deepEqual(
      (page.chunk as JsonObject[]).map((event) => event.event_id),
      [before],
    )
  }
})
