import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import { type HistoryVisibility, historyVisibilities, isVisibleAt } from '../../domain/rooms/visibility.ts'
import type { TestPerson } from '../test-person.ts'
import { startTestServer } from '../test-server.ts'
import { createRoom, Syncer, say } from './test-syncer.ts'

test('V1: history visibility and membership decide as the specification says', () => {
  const table: [HistoryVisibility, Parameters<typeof isVisibleAt>[0]['membership'], boolean, boolean][] = [
    ['world_readable', undefined, false, true],
    ['world_readable', 'ban', false, true],
    ['shared', undefined, false, false],
    ['shared', undefined, true, true],
    ['shared', 'invite', false, false],
    ['shared', 'leave', true, true],
    ['shared', 'join', false, true],
    ['invited', undefined, true, false],
    ['invited', 'invite', true, true],
    ['invited', 'leave', true, false],
    ['invited', 'join', true, true],
    ['joined', 'invite', true, false],
    ['joined', 'leave', true, false],
    ['joined', 'join', true, true],
  ]
  for (const [visibility, membership, later, expected] of table) {
    assert.equal(
      isVisibleAt({ visibility, membership }, later),
      expected,
      `${visibility} ${membership} ${later}`,
    )
  }
})

/** What bob was while something was said, and what became of him. */
const histories = [
  'stranger',
  'stranger, then joined',
  'invited, then joined',
  'joined',
  'left before',
  'banned before',
] as const
type History = (typeof histories)[number]

/** Whether bob may see what was said. */
const allowed: Record<HistoryVisibility, readonly History[]> = {
  world_readable: histories,
  shared: ['stranger, then joined', 'invited, then joined', 'joined'],
  invited: ['invited, then joined', 'joined'],
  joined: ['joined'],
}

async function scene(
  alice: TestPerson,
  bob: TestPerson,
  { visibility, history }: { visibility: HistoryVisibility; history: History },
) {
  const room = await createRoom(alice, { preset: 'public_chat' })
  await alice.must('PUT', `rooms/${room}/state/m.room.history_visibility`, { history_visibility: visibility })
  const join = () => bob.must('POST', `join/${room}`, {})
  if (history === 'invited, then joined')
    await alice.must('POST', `rooms/${room}/invite`, { user_id: bob.userId })
  if (history === 'joined' || history.endsWith('before')) await join()
  if (history === 'left before') await bob.must('POST', `rooms/${room}/leave`, {})
  if (history === 'banned before') await alice.must('POST', `rooms/${room}/ban`, { user_id: bob.userId })
  const event = await say(alice, room, 'secret')
  if (history.endsWith('then joined')) await join()
  return { room, event }
}

const reads: Record<string, (bob: TestPerson, room: string, event: string) => Promise<JsonObject>> = {
  event: async (bob, room, event) => (await bob.call('GET', `rooms/${room}/event/${event}`)).body,
  context: async (bob, room, event) => (await bob.call('GET', `rooms/${room}/context/${event}`)).body,
  'messages back': async (bob, room) =>
    (await bob.call('GET', `rooms/${room}/messages?dir=b&limit=100`)).body,
  'messages forth': async (bob, room) =>
    (await bob.call('GET', `rooms/${room}/messages?dir=f&limit=100`)).body,
  relations: async (bob, room, event) => {
    const answer = await bob.call('GET', `/_matrix/client/v1/rooms/${room}/relations/${event}`)
    return answer.status === 200 ? { chunk: ['secret'] } : answer.body
  },
}

test('V1: every read path shows an event to those who may see it, and to nobody else', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  for (const visibility of historyVisibilities) {
    for (const history of histories) {
      const { room, event } = await scene(alice, bob, { visibility, history })
      const expected = allowed[visibility].includes(history)
      for (const [name, read] of Object.entries(reads)) {
        const isShown = JSON.stringify(await read(bob, room, event)).includes('secret')
        assert.equal(isShown, expected, `${visibility}, ${history}: ${name}`)
      }
      const filter = JSON.stringify({ room: { include_leave: true } })
      const { rooms } = await new Syncer(bob).sync({ filter })
      const inSync = JSON.stringify([rooms.join[room], rooms.leave[room]]).includes('secret')
      // Sync tells of rooms that one is or was in; what is said after leaving is for those who ask (V2).
      const isMember = history === 'joined' || history.endsWith('joined')
      assert.equal(inSync, expected && isMember, `${visibility}, ${history}: sync`)
    }
  }
})

test('V1: a room or an event that one may not see is refused like one that does not exist', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const room = await createRoom(alice)
  const other = await createRoom(bob)
  const event = await say(alice, room, 'secret')
  const nowhere = '!nowhere:alpha.test'
  const never = `$${'A'.repeat(43)}`
  for (const [path, status, code] of [
    [`rooms/${room}/messages?dir=b`, 403, 'M_FORBIDDEN'],
    [`rooms/${nowhere}/messages?dir=b`, 403, 'M_FORBIDDEN'],
    [`rooms/${room}/members`, 403, 'M_FORBIDDEN'],
    [`rooms/${nowhere}/members`, 403, 'M_FORBIDDEN'],
    [`rooms/${room}/joined_members`, 403, 'M_FORBIDDEN'],
    [`rooms/${room}/context/${event}`, 403, 'M_FORBIDDEN'],
    [`rooms/${other}/context/${event}`, 404, 'M_NOT_FOUND'],
    [`rooms/${other}/context/${never}`, 404, 'M_NOT_FOUND'],
    [`rooms/${room}/event/${event}`, 404, 'M_NOT_FOUND'],
    [`rooms/${room}/event/${never}`, 404, 'M_NOT_FOUND'],
    [`rooms/${other}/event/${event}`, 404, 'M_NOT_FOUND'],
  ] as const) {
    await bob.refused(['GET', path], status, code)
  }
})

test('V2: who has left sees his leaving and what came before, and nothing later', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const room = await createRoom(alice, { preset: 'public_chat' })
  await bob.must('POST', `join/${room}`, {})
  const syncer = new Syncer(bob)
  await syncer.sync()
  await say(alice, room, 'before')
  await alice.must('POST', `rooms/${room}/kick`, { user_id: bob.userId })
  await say(alice, room, 'after')
  await alice.must('PUT', `rooms/${room}/state/m.room.topic`, { topic: 'after' })
  const left = (await syncer.sync()).rooms.leave[room]
  const texts = left?.timeline.events.map(({ type, content }) => content.body ?? content.membership ?? type)
  assert.deepEqual(texts, ['before', 'leave'])
  assert.doesNotMatch(JSON.stringify(left), /after"/)
  await say(alice, room, 'after')
  assert.deepEqual((await syncer.sync()).rooms, { join: {}, invite: {}, knock: {}, leave: {} })
  const page = await bob.must('GET', `rooms/${room}/messages?dir=b&limit=100`)
  assert.doesNotMatch(JSON.stringify(page), /after"/)
  const members = await bob.must('GET', `rooms/${room}/members`)
  assert.equal((members.chunk as JsonObject[]).length, 2)
})

test('V2: a long poll under way tells of the ban and not of what follows', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const room = await createRoom(alice, { preset: 'public_chat' })
  await bob.must('POST', `join/${room}`, {})
  const syncer = new Syncer(bob)
  await syncer.sync()
  const polling = syncer.sync({ timeout: '30000' })
  await alice.must('POST', `rooms/${room}/ban`, { user_id: bob.userId })
  await say(alice, room, 'after')
  const { rooms } = await polling
  assert.deepEqual(
    rooms.leave[room]?.timeline.events.map(({ content }) => content.membership),
    ['ban'],
  )
  await say(alice, room, 'after')
  assert.deepEqual((await syncer.sync()).rooms, { join: {}, invite: {}, knock: {}, leave: {} })
})

test('V5: a damaged row spoils its room only', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const sound = await createRoom(alice, { name: 'sound' })
  const broken = await createRoom(alice, { name: 'broken' })
  const event = await say(alice, broken, 'hello')
  const held = await alpha.server.events.one(event)
  assert.ok(held)
  await alpha.database.query({
    text: `update events set pdu = '{"type"' where number = $1`,
    values: [held.number],
  })
  alpha.server.events.drop(held)
  const syncer = new Syncer(alice)
  const synced = await syncer.sync()
  assert.equal(syncer.stateOf(sound).get('m.room.name|')?.name, 'sound')
  assert.equal(synced.rooms.join[broken]?.timeline.limited, true)
})
