import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import { type Synced, Syncer, say } from '../client/test-syncer.ts'
import { startScene } from './test-scene.ts'
import { TestSocket, textsOf } from './test-socket.ts'

/** Without what differs from one look to the next. */
function stable({ next_batch, ...body }: Synced | JsonObject): JsonObject {
  return body as JsonObject
}

test('a body is what /sync answers at the same token, with the same filter', async () => {
  // The age of events is part of a body.
  await using scene = await startScene({ clock: { now: () => 1_700_000_000_000 } })
  const { ann, ben, room } = scene
  await say(ann, room, 'one')
  const filter = JSON.stringify({ room: { timeline: { limit: 2 }, state: { lazy_load_members: true } } })
  const asked = { filter, use_state_after: true, set_presence: 'offline' }
  const query = new URLSearchParams({ filter, use_state_after: 'true' })

  const bens = await TestSocket.signIn(ben, asked)
  const initial = await bens.body()
  assert.deepEqual(stable(initial), stable(await ben.must('GET', `sync?${query}`)))
  assert.equal(initial.rooms.join[room]?.timeline.limited, true)
  await say(ann, room, 'two')
  const next = await bens.body()
  assert.deepEqual(textsOf(next), ['two'])
  const polled = await ben.must('GET', `sync?${query}&since=${initial.next_batch}`)
  assert.deepEqual(stable(next), stable(polled))
  assert.equal(next.next_batch, polled.next_batch)
})

test('the first body comes at once, with nothing in it if nothing has changed', async () => {
  await using scene = await startScene()
  const syncer = new Syncer(scene.ben)
  const { next_batch } = await syncer.sync()

  const bens = await TestSocket.signIn(scene.ben, { since: next_batch })
  const body = await bens.body()

  assert.deepEqual(body.rooms, { join: {}, invite: {}, knock: {}, leave: {} })
  assert.equal(body.next_batch, next_batch)
})

test('V4: a client that resumes with its token, by socket or by /sync, misses nothing and gets nothing twice', async () => {
  await using scene = await startScene()
  const { ann, ben, room } = scene
  const first = await TestSocket.follow(ben)
  await say(ann, room, 'one')
  assert.deepEqual(await first.readUntil('one'), ['one'])
  await say(ann, room, 'two')
  await first.body()
  first.socket.terminate()
  await say(ann, room, 'three')

  const second = await TestSocket.signIn(ben, { since: first.since })
  assert.deepEqual(await second.readUntil('three'), ['two', 'three'])
  await say(ann, room, 'four')
  const syncer = new Syncer(ben)
  syncer.since = second.since
  assert.deepEqual(textsOf(await syncer.sync()), ['four'])
  await say(ann, room, 'five')
  const third = await TestSocket.signIn(ben, { since: syncer.since })
  assert.deepEqual(await third.readUntil('five'), ['five'])
  assert.deepEqual(await second.readUntil('five'), ['four', 'five'])
})

test('two sockets of one device each get everything once, whatever the other acknowledges', async () => {
  await using scene = await startScene()
  const { ann, ben, room } = scene
  const lazy = { filter: JSON.stringify({ room: { state: { lazy_load_members: true } } }) }
  const [one, other] = [await TestSocket.follow(ben, lazy), await TestSocket.signIn(ben, lazy)]
  await other.body()

  for (const word of ['a', 'b', 'c']) {
    await say(ann, room, word)
    assert.deepEqual(await one.readUntil(word), [word])
  }

  assert.deepEqual(await other.readUntil('c'), ['a', 'b', 'c'])
})

test('V2: who is kicked is told of it in the running socket, and nothing of what comes later', async () => {
  await using scene = await startScene()
  const { ann, ben, room } = scene
  const bens = await TestSocket.follow(ben)

  await ann.must('POST', `rooms/${room}/kick`, { user_id: ben.userId })
  const { rooms } = await bens.body()
  assert.equal(rooms.leave[room]?.timeline.events.at(-1)?.content.membership, 'leave')
  await say(ann, room, 'behind his back')
  await ann.must('PUT', `rooms/${room}/state/m.room.topic`, { topic: 'Ben' })
  await ann.must('POST', `rooms/${room}/invite`, { user_id: ben.userId })
  const next = await bens.body()

  assert.deepEqual(Object.keys(next.rooms.invite), [room])
  assert.deepEqual([next.rooms.join, next.rooms.leave], [{}, {}])
})

test('V6: a message of somebody whom the reader ignores is not in a body', async () => {
  await using scene = await startScene()
  const { alpha, ann, ben, room } = scene
  const cat = await alpha.register('cat')
  await cat.must('POST', `join/${room}`, {})
  const path = `user/${ben.userId}/account_data/m.ignored_user_list`
  await ben.must('PUT', path, { ignored_users: { [cat.userId]: {} } })
  const bens = await TestSocket.follow(ben)

  await say(cat, room, 'unheard')
  await say(ann, room, 'heard')

  assert.deepEqual(await bens.readUntil('heard'), ['heard'])
})

test('O8: beyond the rate of /sync, changes are gathered into fewer bodies', async () => {
  let now = 1_700_000_000_000
  await using scene = await startScene({ config: { rateLimits: true }, clock: { now: () => now } })
  const { ann, ben, room } = scene
  const bens = await TestSocket.follow(ben)
  // One body has come, one is being waited for, and a poll may come as well.
  for (let count = 2; count < 50; count++) await ben.must('GET', 'sync?filter={"room":{"rooms":[]}}')
  await ben.refused(['GET', 'sync'], 429, 'M_LIMIT_EXCEEDED')
  await say(ann, room, 'a')
  assert.deepEqual(await bens.readUntil('a'), ['a'])

  await say(ann, room, 'b')
  await say(ann, room, 'c')
  now += 1000

  assert.deepEqual(textsOf(await bens.body()), ['b', 'c'])
})
