import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import { applyReceiptEdu, receiptEdusOf } from '../../domain/receipts/receipt-edu.ts'
import { applyTypingEdu } from '../../domain/typing/set-typing.ts'
import { kinds } from '../../storage/kinds.ts'
import type { TestPerson } from '../test-person.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { createRoom, Syncer, say } from './test-syncer.ts'

async function twoInARoom(alpha: TestServer) {
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const room = await createRoom(alice, { preset: 'public_chat' })
  await bob.must('POST', `join/${room}`, {})
  const event = await say(alice, room, 'hello')
  return { alice, bob, room, event }
}

async function ephemeral(person: TestPerson, room: string): Promise<Map<string, JsonObject>> {
  const syncer = new Syncer(person)
  const events = syncer.room(await syncer.sync(), room).ephemeral?.events ?? []
  return new Map(events.map(({ type, content }) => [String(type), content as JsonObject]))
}

test('a receipt is seen by the others in the room, also by those who wait', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room, event } = await twoInARoom(alpha)
  const syncer = new Syncer(alice)
  await syncer.sync()
  const polling = syncer.sync({ timeout: '30000' })
  await bob.must('POST', `rooms/${room}/receipt/m.read/${event}`, {})
  const [receipt] = syncer.room(await polling, room).ephemeral?.events ?? []
  const read = receipt?.content[event] as JsonObject | undefined
  assert.deepEqual(Object.keys(read?.['m.read'] ?? {}), [bob.userId])
})

test('V6: a private receipt goes to its owner alone', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room, event } = await twoInARoom(alpha)
  const [hers, his] = [new Syncer(alice), new Syncer(bob)]
  await Promise.all([hers.sync(), his.sync()])
  await bob.must('POST', `rooms/${room}/receipt/m.read.private/${event}`, {})
  assert.deepEqual((await hers.sync()).rooms.join, {})
  assert.match(JSON.stringify(await his.sync()), /m\.read\.private/)
  assert.doesNotMatch(JSON.stringify([...(await ephemeral(alice, room))]), /m\.read\.private/)
  assert.match(JSON.stringify([...(await ephemeral(bob, room))]), /m\.read\.private/)
})

test('V6: ignored people are heard nowhere, though what they do to the room is seen', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room, event } = await twoInARoom(alpha)
  await alice.must('PUT', `user/${alice.userId}/account_data/m.ignored_user_list`, {
    ignored_users: { [bob.userId]: {} },
  })
  const text = await say(bob, room, 'unheard')
  await bob.must('PUT', `profile/${bob.userId}/displayname`, { displayname: 'Seen' })
  await bob.must('POST', `rooms/${room}/receipt/m.read/${event}`, {})
  await bob.must('PUT', `rooms/${room}/typing/${bob.userId}`, { typing: true })
  const elsewhere = await createRoom(bob, { invite: [alice.userId] })
  const syncer = new Syncer(alice)
  const synced = await syncer.sync()
  assert.doesNotMatch(JSON.stringify(synced), /unheard/)
  assert.equal(synced.rooms.invite[elsewhere], undefined)
  assert.equal(syncer.stateOf(room).get(`m.room.member|${bob.userId}`)?.displayname, 'Seen')
  assert.deepEqual((await ephemeral(alice, room)).get('m.typing') ?? { user_ids: [] }, { user_ids: [] })
  assert.equal((await ephemeral(alice, room)).get('m.receipt'), undefined)
  assert.deepEqual(syncer.room(synced, room).unread_notifications, {
    notification_count: 0,
    highlight_count: 0,
  })
  const page = await alice.must('GET', `rooms/${room}/messages?dir=b&limit=50`)
  assert.doesNotMatch(JSON.stringify(page), /unheard/)
  assert.ok(text)
})

test('typing is seen while it lasts, and ends', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room } = await twoInARoom(alpha)
  const syncer = new Syncer(alice)
  await syncer.sync()
  const typing = async (polling: Promise<Awaited<ReturnType<Syncer['sync']>>>) =>
    syncer.room(await polling, room).ephemeral?.events.find(({ type }) => type === 'm.typing')?.content
  const starts = syncer.sync({ timeout: '30000' })
  await bob.must('PUT', `rooms/${room}/typing/${bob.userId}`, { typing: true, timeout: 100 })
  assert.deepEqual(await typing(starts), { user_ids: [bob.userId] })
  assert.deepEqual(await typing(syncer.sync({ timeout: '30000' })), { user_ids: [] })
  await bob.refused(['PUT', `rooms/${room}/typing/${alice.userId}`, { typing: true }], 403, 'M_FORBIDDEN')
  const outsider = await alpha.register('carol')
  await outsider.refused(
    ['PUT', `rooms/${room}/typing/${outsider.userId}`, { typing: true }],
    403,
    'M_FORBIDDEN',
  )
  await outsider.refused(['POST', `rooms/${room}/receipt/m.read/$x`, {}], 403, 'M_FORBIDDEN')
  await alice.refused(['POST', `rooms/${room}/receipt/m.read/$x`, {}], 404, 'M_NOT_FOUND')
  await alice.refused(['POST', `rooms/${room}/receipt/m.strange/$x`, {}], 400, 'M_INVALID_PARAM')
})

test('F4: receipts and typing of other servers count only for their own people in the room', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room, event } = await twoInARoom(alpha)
  const receipt = { [room]: { 'm.read': { [bob.userId]: { event_ids: [event], data: { ts: 1 } } } } }
  await applyReceiptEdu(alpha.server, 'beta.test', receipt)
  await applyTypingEdu(alpha.server, 'beta.test', { room_id: room, user_id: bob.userId, typing: true })
  await applyTypingEdu(alpha.server, 'beta.test', { room_id: room, user_id: '@eve:beta.test', typing: true })
  assert.deepEqual([...(await ephemeral(alice, room))], [])
  for (const odd of [
    null,
    [],
    3,
    { x: 1 },
    { [room]: { 'm.read': { '@eve:beta.test': { event_ids: 'x' } } } },
  ]) {
    await applyReceiptEdu(alpha.server, 'beta.test', { [room]: odd } as JsonObject)
    await applyTypingEdu(alpha.server, 'beta.test', { room_id: odd, user_id: odd, typing: odd } as JsonObject)
  }
  // The same is taken from the server that it belongs to.
  await applyReceiptEdu(alpha.server, 'alpha.test', receipt)
  assert.equal((await ephemeral(alice, room)).size, 1)
})

test('what other servers are told of receipts has one message per thread and nothing private', async () => {
  await using alpha = await startTestServer()
  const { bob, room } = await twoInARoom(alpha)
  const number = await alpha.server.interning.rooms.number(alpha.server.database, room)
  const user = await alpha.server.interning.users.number(alpha.server.database, bob.userId)
  const receipt = { user, eventId: '$a', ts: 5 }
  const told = await receiptEdusOf(alpha.server, {
    room: number,
    receipts: [
      { ...receipt, type: 'm.read', thread: '' },
      { ...receipt, type: 'm.read', thread: 'main' },
      { ...receipt, type: 'm.read.private', thread: '' },
    ],
  })
  const users = (data: JsonObject) => ({
    [room]: { 'm.read': { [bob.userId]: { data, event_ids: ['$a'] } } },
  })
  assert.deepEqual(told, [users({ ts: 5 }), users({ ts: 5, thread_id: 'main' })])
})

test('F10: what is told of very many receipts with the longest of names is split below 64 KiB', async () => {
  await using alpha = await startTestServer()
  const { room } = await twoInARoom(alpha)
  const { server, database } = alpha
  const userIds = Array.from({ length: 200 }, (_, n) => `@${String(n).padStart(243, 'a')}:alpha.test`)
  const receipts = await Promise.all(
    userIds.map(async (userId) => ({
      user: await server.interning.users.number(database, userId),
      type: 'm.read' as const,
      thread: `$${'t'.repeat(254)}`,
      eventId: `$${'e'.repeat(254)}`,
      ts: Date.now(),
    })),
  )
  const told = await receiptEdusOf(server, {
    room: await server.interning.rooms.number(database, room),
    receipts,
  })
  const users = told.flatMap((content) => Object.keys((content[room] as { 'm.read': JsonObject })['m.read']))
  assert.deepEqual(users.sort(), userIds.sort())
  for (const content of told) {
    const edu = { edu_type: 'm.receipt', content }
    assert.ok(Buffer.byteLength(JSON.stringify(edu)) <= 65_536)
  }
})

test('receipts that come together are one row of the log, or two', async () => {
  await using alpha = await startTestServer()
  const { room } = await twoInARoom(alpha)
  const { server, database } = alpha
  const number = await server.interning.rooms.number(database, room)
  const head = server.log.tail.head
  await Promise.all(
    Array.from({ length: 50 }, (_, n) => {
      const receipt = { user: 1000 + n, type: 'm.read' as const, thread: '', eventId: '$a', ts: n }
      return server.views.receipts.add(number, receipt, true)
    }),
  )
  const rows = server.log.tail.since(head)
  assert.ok(
    rows !== 'beyond the tail' && rows.length <= 2 && rows.every(({ kind }) => kind === kinds.receipts),
  )
  const [stored] = await database.query<{ count: number }>({
    text: 'select count(*) from receipts',
    values: [],
  })
  assert.equal(stored?.count, 50)
})
