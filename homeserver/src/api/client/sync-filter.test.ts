import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import { eventFilter } from '../../domain/filters/event-filter.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { createRoom, Syncer, say } from './test-syncer.ts'

async function scene(alpha: TestServer, names: string[]) {
  const alice = await alpha.register('alice')
  const room = await createRoom(alice, { preset: 'public_chat' })
  const others = await Promise.all(names.map((name) => alpha.register(name)))
  for (const person of others) await person.must('POST', `join/${room}`, {})
  return { alice, others, room }
}

const filtered = (room: JsonObject) => ({ filter: JSON.stringify({ room }) })

test('a filter of types takes a star for anything and nothing else for special', () => {
  const passes = (types: string[], type: string) => eventFilter({ types }).passesType(type)
  for (const [pattern, type, expected] of [
    ['m.room.*', 'm.room.name', true],
    ['m.room.*', 'm.roomXname', false],
    ['*', '', true],
    ['*.name', 'm.room.name', true],
    ['m.*.name', 'm.room.name', true],
    ['m.*.name', 'm.name', false],
    ['a*a', 'a', false],
    ['m?room', 'm.room', false],
    ['M.ROOM.NAME', 'm.room.name', false],
    [`${'*a'.repeat(50)}b`, 'a'.repeat(255), false],
  ] as const) {
    assert.equal(passes([pattern], type), expected, `${pattern} ${type}`)
  }
  assert.equal(eventFilter({ types: ['a'], not_types: ['a'] }).passesType('a'), false)
  assert.equal(eventFilter({ types: [] }).passesType('a'), false)
})

test('a filter says which events come, of whom, and how many', async () => {
  await using alpha = await startTestServer()
  const { alice, others, room } = await scene(alpha, ['bob'])
  const [bob] = others as [typeof alice]
  await say(alice, room, 'one')
  await say(bob, room, 'two')
  const bodies = async (timeline: JsonObject) => {
    const syncer = new Syncer(alice)
    const told = syncer.room(await syncer.sync(filtered({ timeline })), room).timeline
    return [told.events.map(({ content }) => content.body), told.limited]
  }
  assert.deepEqual(await bodies({ types: ['m.room.message'] }), [['one', 'two'], false])
  assert.deepEqual(await bodies({ types: ['m.room.message'], limit: 1 }), [['two'], true])
  assert.deepEqual(await bodies({ types: ['m.*'], not_types: ['m.room.*'] }), [[], false])
  assert.deepEqual(await bodies({ types: ['m.room.message'], senders: [bob.userId] }), [['two'], false])
  assert.deepEqual(await bodies({ limit: 0 }), [[], true])
})

test('a filter of rooms leaves others out, and event_fields all else of an event', async () => {
  await using alpha = await startTestServer()
  const { alice, room } = await scene(alpha, [])
  const other = await createRoom(alice)
  await say(alice, room, 'one')
  const synced = await new Syncer(alice).sync({
    filter: JSON.stringify({
      event_fields: ['type', 'content.body'],
      room: { not_rooms: [other], timeline: { types: ['m.room.message'] } },
    }),
  })
  assert.deepEqual(Object.keys(synced.rooms.join), [room])
  const { events } = (synced.rooms.join[room] as { timeline: { events: unknown[] } }).timeline
  assert.deepEqual(events, [{ type: 'm.room.message', content: { body: 'one' } }])
})

test('a stored filter has an id, the same for the same filter, and is its owner’s alone', async () => {
  await using alpha = await startTestServer()
  const { alice, others, room } = await scene(alpha, ['bob'])
  const [bob] = others as [typeof alice]
  const body = { room: { timeline: { limit: 1 } } }
  const { filter_id: id } = await alice.must('POST', `user/${alice.userId}/filter`, body)
  assert.equal((await alice.must('POST', `user/${alice.userId}/filter`, body)).filter_id, id)
  assert.deepEqual(await alice.must('GET', `user/${alice.userId}/filter/${id}`), body)
  const syncer = new Syncer(alice)
  assert.equal(syncer.room(await syncer.sync({ filter: String(id) }), room).timeline.events.length, 1)
  await bob.refused(['GET', `sync?filter=${id}`], 400, 'M_INVALID_PARAM')
  await bob.refused(['GET', `user/${alice.userId}/filter/${id}`], 403, 'M_FORBIDDEN')
  await bob.refused(['GET', `user/${bob.userId}/filter/${id}`], 404, 'M_NOT_FOUND')
  for (const bad of ['{', '{"room":3}', '{"room":{"timeline":{"limit":-1}}}', 'none']) {
    await bob.refused(['GET', `sync?filter=${encodeURIComponent(bad)}`], 400, 'M_INVALID_PARAM')
  }
})

test('members are loaded lazily: of the senders, once, and again when they change', async () => {
  await using alpha = await startTestServer()
  const { alice, others, room } = await scene(alpha, ['bob', 'carol', 'dave'])
  const [bob] = others as [typeof alice]
  for (let n = 0; n < 3; n++) await say(bob, room, `${n}`)
  const lazy = filtered({ state: { lazy_load_members: true }, timeline: { limit: 2 } })
  const syncer = new Syncer(alice)
  const members = async (query = lazy) => {
    const { state } = syncer.room(await syncer.sync(query), room)
    return state?.events.filter(({ type }) => type === 'm.room.member').map(({ state_key }) => state_key)
  }
  const first = await members()
  assert.ok(first?.includes(alice.userId) && first.includes(bob.userId))
  await say(bob, room, 'again')
  assert.deepEqual(await members(), [])
  const sync = filtered({ state: { lazy_load_members: true, include_redundant_members: true } })
  await say(bob, room, 'and again')
  assert.deepEqual(await members(sync), [bob.userId])
})

test('lazily loaded members are those of the senders alone in a large room', async () => {
  await using alpha = await startTestServer()
  const names = Array.from({ length: 9 }, (_, n) => `guest${n}`)
  const { alice, others, room } = await scene(alpha, names)
  for (let n = 0; n < 3; n++) await say(alice, room, `${n}`)
  const lazy = filtered({ state: { lazy_load_members: true }, timeline: { limit: 1 } })
  const syncer = new Syncer(alice)
  const first = syncer.room(await syncer.sync(lazy), room)
  const members = first.state?.events.filter(({ type }) => type === 'm.room.member') ?? []
  const heroes = first.summary?.['m.heroes'] as string[]
  assert.equal(heroes.length, 5)
  const expected = [alice.userId, ...heroes].sort()
  assert.deepEqual(members.map(({ state_key }) => String(state_key)).sort(), expected)
  const guest = others.find(({ userId }) => !heroes.includes(userId)) as typeof alice
  await say(guest, room, 'hello')
  const told = async (since: string | undefined) => {
    syncer.since = since
    const { state } = syncer.room(await syncer.sync(lazy), room)
    return state?.events.map(({ state_key }) => state_key)
  }
  const { since } = syncer
  assert.deepEqual(await told(since), [guest.userId])
  // The answer may have been lost: who asks from the same place again is told again.
  assert.deepEqual(await told(since), [guest.userId])
  await say(guest, room, 'hello again')
  assert.deepEqual(await told(syncer.since), [])
  const page = await alice.must(
    'GET',
    `rooms/${room}/messages?dir=b&limit=2&filter=${encodeURIComponent('{"lazy_load_members":true}')}`,
  )
  assert.deepEqual(
    (page.state as JsonObject[]).map((event) => event.state_key),
    [guest.userId],
  )
})
