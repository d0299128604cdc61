import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recount } from '../../domain/push/unread.ts'
import type { TestPerson } from '../test-person.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { createRoom, Syncer, say } from './test-syncer.ts'

interface Scene {
  alpha: TestServer
  alice: TestPerson
  bob: TestPerson
  room: string
  /** What bob's sync says, after holding it against a count from the tables. */
  unread(query?: Record<string, string>): Promise<unknown>
}

async function scene(alpha: TestServer): Promise<Scene> {
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const room = await createRoom(alice, { preset: 'public_chat' })
  await bob.must('POST', `join/${room}`, {})
  const unread = async (query: Record<string, string> = {}) => {
    const syncer = new Syncer(bob)
    const told = syncer.room(await syncer.sync(query), room)
    const counted = await recounted(alpha, bob, room)
    const { notification_count: notifications, highlight_count: highlights } = told.unread_notifications ?? {}
    if (!('filter' in query)) assert.deepEqual({ notifications, highlights }, counted, 'the recount differs')
    return told.unread_thread_notifications
      ? [notifications, highlights, told.unread_thread_notifications]
      : [notifications, highlights]
  }
  return { alpha, alice, bob, room, unread }
}

async function recounted({ server }: TestServer, { userId }: TestPerson, roomId: string) {
  const user = await server.interning.users.number(server.database, userId)
  const room = await server.interning.rooms.number(server.database, roomId)
  const member = (await server.views.userRooms.of(user)).get(room)
  assert.ok(member)
  const counts = await recount(server, { userId, user }, { members: [member], until: server.log.tail.head })
  const total = { notifications: 0, highlights: 0 }
  for (const { notifications, highlights } of counts.get(room)?.counts.values() ?? []) {
    total.notifications += notifications
    total.highlights += highlights
  }
  return total
}

const receipt = (person: TestPerson, room: string, [type, event, thread]: [string, string, string?]) =>
  person.must('POST', `rooms/${room}/receipt/${type}/${event}`, thread ? { thread_id: thread } : {})

test('V8: unread counts follow messages, mentions, receipts, own messages and redactions', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room, unread } = await scene(alpha)
  assert.deepEqual(await unread(), [0, 0])
  const first = await say(alice, room, 'one')
  const second = await say(alice, room, 'two')
  assert.deepEqual(await unread(), [2, 0])
  await say(alice, room, { msgtype: 'm.notice', body: 'a notice' })
  assert.deepEqual(await unread(), [2, 0])
  const mention = await say(alice, room, {
    msgtype: 'm.text',
    body: 'bob',
    'm.mentions': { user_ids: [bob.userId] },
  })
  assert.deepEqual(await unread(), [3, 1])
  await alice.must('PUT', `rooms/${room}/redact/${mention}/r1`, {})
  assert.deepEqual(await unread(), [2, 0])
  await receipt(bob, room, ['m.read', first])
  assert.deepEqual(await unread(), [1, 0])
  await receipt(bob, room, ['m.read.private', second])
  assert.deepEqual(await unread(), [0, 0])
  await receipt(bob, room, ['m.read', first])
  assert.deepEqual(await unread(), [0, 0])
  await say(alice, room, { msgtype: 'm.text', body: '@room', 'm.mentions': { room: true } })
  assert.deepEqual(await unread(), [1, 1])
  await say(bob, room, 'I have read it')
  assert.deepEqual(await unread(), [0, 0])
  await bob.must('PUT', `profile/${bob.userId}/displayname`, { displayname: 'Bob' })
  await say(alice, room, 'three')
  await bob.must('PUT', `profile/${bob.userId}/displayname`, { displayname: 'Robert' })
  assert.deepEqual(await unread(), [1, 0])
})

test('V8: what was said before somebody came counts for nothing', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room, unread } = await scene(alpha)
  await say(alice, room, 'one')
  await bob.must('POST', `rooms/${room}/leave`, {})
  await say(alice, room, 'two')
  await bob.must('POST', `join/${room}`, {})
  assert.deepEqual(await unread(), [0, 0])
  await say(alice, room, 'three')
  assert.deepEqual(await unread(), [1, 0])
})

test('V8: threads are counted for themselves when that is asked for', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room, unread } = await scene(alpha)
  const filter = JSON.stringify({ room: { timeline: { unread_thread_notifications: true } } })
  const root = await say(alice, room, 'root')
  const inThread = (body: string) =>
    say(alice, room, { msgtype: 'm.text', body, 'm.relates_to': { rel_type: 'm.thread', event_id: root } })
  await inThread('one')
  const last = await inThread('two')
  assert.deepEqual(await unread(), [3, 0])
  assert.deepEqual(await unread({ filter }), [
    1,
    0,
    { [root]: { notification_count: 2, highlight_count: 0 } },
  ])
  await receipt(bob, room, ['m.read', root, 'main'])
  assert.deepEqual(await unread({ filter }), [
    0,
    0,
    { [root]: { notification_count: 2, highlight_count: 0 } },
  ])
  await receipt(bob, room, ['m.read', last, root])
  assert.deepEqual(await unread({ filter }), [0, 0, {}])
  await inThread('three')
  await receipt(bob, room, ['m.read', await say(alice, room, 'main')])
  assert.deepEqual(await unread(), [0, 0])
  await bob.refused(
    ['POST', `rooms/${room}/receipt/m.read/${last}`, { thread_id: 'main' }],
    400,
    'M_INVALID_PARAM',
  )
  await bob.refused(
    ['POST', `rooms/${room}/receipt/m.read/${last}`, { thread_id: '' }],
    400,
    'M_INVALID_PARAM',
  )
})

test('V8: own rules count: a muted room, a keyword, a rule for a sender', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room, unread } = await scene(alpha)
  await bob.must('PUT', `pushrules/global/room/${encodeURIComponent(room)}`, { actions: [] })
  const muted = await say(alice, room, 'one')
  assert.deepEqual(await unread(), [0, 0])
  await bob.must('DELETE', `pushrules/global/room/${encodeURIComponent(room)}`)
  await say(alice, room, 'two')
  assert.deepEqual(await unread(), [1, 0])
  const keyword = { actions: ['notify', { set_tweak: 'highlight' }], pattern: 'cake' }
  await bob.must('PUT', 'pushrules/global/content/cake', keyword)
  await say(alice, room, 'there is cake')
  assert.deepEqual(await unread(), [2, 1])
  assert.ok(muted)
})

test('V8: counts are carried on from sync to sync', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room } = await scene(alpha)
  const syncer = new Syncer(bob)
  await syncer.sync()
  for (let n = 1; n <= 5; n++) {
    await say(alice, room, `${n}`)
    const told = syncer.room(await syncer.sync(), room).unread_notifications
    assert.deepEqual(told, { notification_count: n, highlight_count: 0 })
    assert.equal((await recounted(alpha, bob, room)).notifications, n)
  }
})
