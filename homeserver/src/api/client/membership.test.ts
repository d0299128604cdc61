import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import type { TestPerson } from '../test-person.ts'
import { startTestServer, type TestServer } from '../test-server.ts'

let alpha: TestServer
let alice: TestPerson
let bob: TestPerson
let carol: TestPerson
before(async () => {
  alpha = await startTestServer()
  alice = await alpha.register('alice')
  bob = await alpha.register('bob')
  carol = await alpha.register('carol')
})
after(() => alpha[Symbol.asyncDispose]())

const create = async (person: TestPerson, options: JsonObject = {}) =>
  encodeURIComponent(String((await person.must('POST', 'createRoom', options)).room_id))

const membershipOf = async (room: string, person: TestPerson) =>
  (await alice.must('GET', `rooms/${room}/state/m.room.member/${person.userId}`)).membership

test('an invited person joins, leaves, and forgets the room', async () => {
  const room = await create(alice)
  await bob.refused(['POST', `rooms/${room}/join`, {}], 403, 'M_FORBIDDEN')
  await alice.must('POST', `rooms/${room}/invite`, { user_id: bob.userId, reason: 'tea' })
  await bob.refused(['POST', `rooms/${room}/forget`], 400, 'M_UNKNOWN')
  await bob.must('POST', `rooms/${room}/join`, {})
  assert.equal(await membershipOf(room, bob), 'join')
  await alice.refused(['POST', `rooms/${room}/invite`, { user_id: bob.userId }], 403, 'M_FORBIDDEN')
  await bob.must('POST', `rooms/${room}/leave`, {})
  await bob.refused(['POST', `rooms/${room}/leave`, {}], 403, 'M_FORBIDDEN')
  await bob.must('POST', `rooms/${room}/forget`)
  await bob.must('POST', `rooms/${room}/forget`)
  assert.deepEqual(await bob.must('GET', 'joined_rooms'), { joined_rooms: [] })
})

test('joining twice is one join', async () => {
  const room = await create(alice, { preset: 'public_chat' })
  await bob.must('POST', `join/${room}`, {})
  const first = await alice.must('GET', `rooms/${room}/state/m.room.member/${bob.userId}?format=event`)
  await bob.must('POST', `join/${room}`)
  const second = await alice.must('GET', `rooms/${room}/state/m.room.member/${bob.userId}?format=event`)
  assert.equal(first.event_id, second.event_id)
})

test('a kicked person may come back, a banned one only once the ban is lifted', async () => {
  const room = await create(alice, { preset: 'public_chat' })
  await bob.must('POST', `join/${room}`, {})
  await bob.refused(['POST', `rooms/${room}/kick`, { user_id: alice.userId }], 403, 'M_FORBIDDEN')
  await alice.must('POST', `rooms/${room}/kick`, { user_id: bob.userId, reason: 'noise' })
  await alice.refused(['POST', `rooms/${room}/kick`, { user_id: bob.userId }], 403, 'M_FORBIDDEN')
  await bob.must('POST', `join/${room}`, {})
  await alice.must('POST', `rooms/${room}/ban`, { user_id: bob.userId })
  await bob.refused(['POST', `join/${room}`, {}], 403, 'M_FORBIDDEN')
  await bob.refused(
    ['PUT', `rooms/${room}/send/m.room.message/1`, { body: 'x', msgtype: 'm.text' }],
    403,
    'M_FORBIDDEN',
  )
  await alice.refused(['POST', `rooms/${room}/unban`, { user_id: carol.userId }], 403, 'M_FORBIDDEN')
  await alice.must('POST', `rooms/${room}/unban`, { user_id: bob.userId })
  await bob.must('POST', `join/${room}`, {})
})

test('who knocks is let in by an invite', async () => {
  const room = await create(alice, {
    initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
  })
  await bob.must('POST', `knock/${room}`, { reason: 'please' })
  assert.equal(await membershipOf(room, bob), 'knock')
  await alice.must('POST', `rooms/${room}/invite`, { user_id: bob.userId })
  await bob.must('POST', `join/${room}`, {})
})

test('a restricted room opens to members of the room it names, vouched for by one who may invite', async () => {
  const club = await create(alice, { preset: 'public_chat' })
  const allow = [{ type: 'm.room_membership', room_id: decodeURIComponent(club) }]
  const room = await create(alice, {
    initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'restricted', allow } }],
  })
  await carol.refused(['POST', `join/${room}`, {}], 403, 'M_FORBIDDEN')
  await carol.must('POST', `join/${club}`, {})
  await carol.must('POST', `join/${room}`, {})
  const member = await alice.must('GET', `rooms/${room}/state/m.room.member/${carol.userId}`)
  assert.equal(member.join_authorised_via_users_server, alice.userId)
})

test('a membership set as state is the same act as through its own endpoint', async () => {
  const room = await create(alice)
  const path = `rooms/${room}/state/m.room.member/${bob.userId}`
  await alice.must('PUT', path, { membership: 'invite' })
  await alice.refused(['PUT', path, { membership: 'join' }], 403, 'M_FORBIDDEN')
  await alice.refused(['PUT', path, { membership: 'odd' }], 400, 'M_BAD_JSON')
  await bob.must('PUT', path, { membership: 'join', displayname: 'Bobby' })
  assert.equal((await alice.must('GET', path)).displayname, 'Bobby')
  await bob.must('PUT', path, { membership: 'join', displayname: 'Rob' })
  assert.equal((await alice.must('GET', path)).displayname, 'Rob')
})

test('a room that nobody here knows is neither left nor written to', async () => {
  const room = encodeURIComponent('!nowhere:alpha.test')
  await alice.refused(['POST', `rooms/${room}/leave`, {}], 403, 'M_FORBIDDEN')
  await alice.refused(['PUT', `rooms/${room}/send/m.x/1`, {}], 403, 'M_FORBIDDEN')
  await alice.refused(['POST', `join/${room}`, {}], 404, 'M_NOT_FOUND')
  await alice.refused(['POST', 'join/nonsense', {}], 400, 'M_INVALID_PARAM')
})
