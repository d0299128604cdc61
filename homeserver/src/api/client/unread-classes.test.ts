import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RoomEvent } from '@kith/spec/events/pdu'
import type { JsonObject } from '@kith/spec/json'
import { compileRules } from '@kith/spec/push/compile-rules'
import { evaluate } from '@kith/spec/push/evaluate'
import { FlatEvent } from '@kith/spec/push/flat-event'
import { situations } from '@kith/spec/push/rule-classes'
import type { Ruleset } from '@kith/spec/push/rules'
import { AccountDataView } from '../../domain/account-data/account-data-view.ts'
import { recount } from '../../domain/push/unread.ts'
import { many, sql } from '../../platform/database.ts'
import type { TestPerson } from '../test-person.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { createRoom, Syncer, say } from './test-syncer.ts'

interface Scene {
  alpha: TestServer
  alice: TestPerson
  bob: TestPerson
  room: string
  roomRule: string
  /** What a sync of bob's that goes on from the last one says, after holding it against a count from the tables. */
  unread(): Promise<unknown>
  /** How many rows events wrote for single people. */
  rows(): Promise<number>
}

const quiet = { actions: [] }
const loud = { actions: ['notify', { set_tweak: 'highlight' }] }

/** A room of three, so that it is no conversation between two. */
async function scene(alpha: TestServer): Promise<Scene> {
  const [alice, bob, carol] = await Promise.all(['alice', 'bob', 'carol'].map((name) => alpha.register(name)))
  assert.ok(alice && bob && carol)
  const room = await createRoom(alice, { preset: 'public_chat' })
  for (const person of [bob, carol]) await person.must('POST', `join/${room}`, {})
  const syncer = new Syncer(bob)
  let last: unknown = [0, 0]
  const unread = async () => {
    const { unread_notifications: told } = syncer.room(await syncer.sync(), room)
    if (told) last = [told.notification_count, told.highlight_count]
    assert.deepEqual(last, await recounted(alpha, bob, room), 'the recount differs')
    return last
  }
  const rows = async () => (await many(alpha.server.database, sql`select from personal_notifications`)).length
  return {
    alpha,
    alice,
    bob,
    room,
    roomRule: `pushrules/global/room/${encodeURIComponent(room)}`,
    unread,
    rows,
  }
}

async function recounted({ server }: TestServer, { userId }: TestPerson, roomId: string) {
  const user = await server.interning.users.number(server.database, userId)
  const room = await server.interning.rooms.number(server.database, roomId)
  const member = (await server.views.userRooms.of(user)).get(room)
  assert.ok(member)
  const counts = await recount(server, { userId, user }, { members: [member], until: server.log.tail.head })
  const all = [...(counts.get(room)?.counts.values() ?? [])]
  const sum = (name: 'notifications' | 'highlights') => all.reduce((total, count) => total + count[name], 0)
  return [sum('notifications'), sum('highlights')]
}

const mention = (...people: TestPerson[]) => ({
  msgtype: 'm.text',
  body: 'hello',
  'm.mentions': { user_ids: people.map(({ userId }) => userId) },
})
const everybody = { msgtype: 'm.text', body: '@room', 'm.mentions': { room: true } }

test('V8: in a room for mentions only just these count, and messages write nothing for anybody', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room, roomRule, unread, rows } = await scene(alpha)
  await say(alice, room, 'before')
  assert.deepEqual(await unread(), [1, 0])
  await bob.must('PUT', roomRule, quiet)
  await say(alice, room, 'not counted')
  await say(alice, room, everybody)
  assert.deepEqual(await unread(), [2, 1])
  assert.equal(await rows(), 0)
  await say(alice, room, mention(bob))
  assert.deepEqual(await unread(), [3, 2])
  assert.equal(await rows(), 1)
  await bob.must('DELETE', roomRule)
  await say(alice, room, 'after')
  assert.deepEqual(await unread(), [4, 2])
  assert.equal(await rows(), 1)
})

test('V8: in a muted room nothing counts, and nothing is written either, mentions included', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room, unread, rows } = await scene(alpha)
  const conditions = [{ kind: 'event_match', key: 'room_id', pattern: room }]
  const rule = `pushrules/global/override/${encodeURIComponent(room)}`
  await bob.must('PUT', rule, { ...quiet, conditions })
  await say(alice, room, 'one')
  await say(alice, room, everybody)
  await say(alice, room, mention(bob))
  assert.deepEqual(await unread(), [0, 0])
  await bob.must('PUT', `${rule}/enabled`, { enabled: false })
  await say(alice, room, 'two')
  assert.deepEqual(await unread(), [1, 0])
  await bob.must('PUT', 'pushrules/global/override/.m.rule.master/enabled', { enabled: true })
  await say(alice, room, mention(bob))
  assert.deepEqual(await unread(), [1, 0])
  assert.equal(await rows(), 0)
})

test('V8: only mentions in groups and everything between two is no rule of one’s own', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room, unread, rows } = await scene(alpha)
  for (const rule of ['.m.rule.message', '.m.rule.encrypted']) {
    await bob.must('PUT', `pushrules/global/underride/${rule}/actions`, quiet)
  }
  await say(alice, room, 'one')
  assert.deepEqual([await unread(), await rows()], [[0, 0], 0])
  const pair = await createRoom(alice, { preset: 'public_chat' })
  await bob.must('POST', `join/${pair}`, {})
  await say(alice, pair, 'two')
  assert.deepEqual(await recounted(alpha, bob, pair), [1, 0])
  assert.equal(await rows(), 1)
})

test('V8: a keyword counts in rooms for mentions only, for whoever has it and is in the room', async () => {
  await using alpha = await startTestServer()
  const { server } = alpha
  const { alice, bob, room, roomRule, unread } = await scene(alpha)
  const singly = async () => {
    const number = await server.interning.rooms.number(server.database, room)
    const { local } = await server.rooms.members.of(number)
    return server.views.unusualMembers.of({ room: number, roomId: room, local }, situations.message)
  }
  await bob.must('PUT', roomRule, quiet)
  assert.deepEqual(await singly(), [])
  await bob.must('PUT', 'pushrules/global/content/cake', { ...loud, pattern: 'cake' })
  await say(alice, room, 'there is cake')
  await say(alice, room, 'there is tea')
  assert.deepEqual(await unread(), [1, 1])
  const number = await server.interning.users.number(server.database, bob.userId)
  assert.deepEqual(await singly(), [number])
  await bob.must('POST', `rooms/${room}/leave`, {})
  assert.deepEqual(await singly(), [])
  await bob.must('POST', `join/${room}`, {})
  assert.deepEqual(await singly(), [number])
  await bob.must('DELETE', 'pushrules/global/content/cake')
  assert.deepEqual(await singly(), [])
})

test('V8: rules from before there were classes count as they did', async () => {
  await using alpha = await startTestServer()
  const { server } = alpha
  const { alice, bob, room, roomRule, unread } = await scene(alpha)
  await bob.must('PUT', roomRule, quiet)
  await server.database.query(sql`delete from push_classes`)
  await server.database.query(sql`delete from push_singly`)
  await new AccountDataView(server).singly()
  await say(alice, room, 'one')
  assert.deepEqual(await unread(), [0, 0])
})

const words = ['hello', 'there is cake', 'tea']
const changes: [method: string, path: (scene: Scene) => string, body: object][] = [
  ['PUT', ({ roomRule }) => roomRule, quiet],
  ['PUT', ({ roomRule }) => roomRule, loud],
  ['PUT', ({ roomRule }) => `${roomRule}/enabled`, { enabled: false }],
  ['DELETE', ({ roomRule }) => roomRule, {}],
  ['PUT', () => 'pushrules/global/content/cake', { ...loud, pattern: 'cake' }],
  ['DELETE', () => 'pushrules/global/content/cake', {}],
  ['PUT', () => 'pushrules/global/override/.m.rule.master/enabled', { enabled: true }],
  ['PUT', () => 'pushrules/global/override/.m.rule.master/enabled', { enabled: false }],
  ['PUT', () => 'pushrules/global/underride/.m.rule.message/actions', quiet],
  ['PUT', () => 'pushrules/global/underride/.m.rule.message/actions', { actions: ['notify'] }],
  ['PUT', () => 'pushrules/global/override/.m.rule.suppress_notices/enabled', { enabled: false }],
]

for (const seed of [1, 2, 3]) {
  test(`V8: however rules change, each message counts by those of its time, seed ${seed}`, async () => {
    await using alpha = await startTestServer()
    const here = await scene(alpha)
    const { alice, bob, room, unread } = here
    const random = randomNumbers(seed)
    const pick = <T>(list: readonly T[]) => list[random(list.length)] as T
    const expected = [0, 0]
    for (let step = 0; step < 40; step++) {
      const [method, path, body] = pick(changes)
      if (random(3) === 0) await bob.call(method, path(here), { body: JSON.stringify(body) })
      const global = (await bob.must('GET', 'pushrules/global/')) as unknown as Ruleset
      const content = pick<JsonObject>([
        ...words.map((text) => ({ msgtype: 'm.text', body: text })),
        { msgtype: 'm.notice', body: 'cake' },
        mention(bob),
        everybody,
      ])
      const event = (await alpha.server.events.one(await say(alice, room, content))) as RoomEvent
      const context = { userId: bob.userId, memberCount: 3, senderPower: 100, notificationLevel: () => 50 }
      const { notify, highlight } = evaluate(compileRules(global), new FlatEvent(event), context)
      expected[0] = (expected[0] ?? 0) + Number(notify)
      expected[1] = (expected[1] ?? 0) + Number(highlight)
      assert.deepEqual(
        await unread(),
        expected,
        `step ${step}: ${method} ${path(here)} ${JSON.stringify(content)}`,
      )
    }
  })
}

/** Whole numbers below a bound, the same for the same seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
