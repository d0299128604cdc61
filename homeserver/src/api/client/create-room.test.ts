import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import { roomVersions } from '@kith/spec/rooms/room-version'
import type { TestPerson } from '../test-person.ts'
import { startTestServer, type TestServer } from '../test-server.ts'

let alpha: TestServer
let alice: TestPerson
let bob: TestPerson
before(async () => {
  alpha = await startTestServer()
  alice = await alpha.register('alice')
  bob = await alpha.register('bob')
})
after(() => alpha[Symbol.asyncDispose]())

/** @param entry a type, or a type and a state key: `m.room.member/@bob:alpha.test` */
const state = (person: TestPerson, room: string, entry: string) =>
  person.must('GET', `rooms/${room}/state/${entry}`)

const create = async (person: TestPerson, options: JsonObject = {}) =>
  encodeURIComponent(String((await person.must('POST', 'createRoom', options)).room_id))

for (const [version, rules] of roomVersions) {
  test(`a room of version ${version} has the state that its options ask for`, async () => {
    const room = await create(alice, {
      room_version: version,
      preset: 'public_chat',
      name: 'Tea',
      topic: 'Leaves',
      room_alias_name: `tea${version}`,
      power_level_content_override: { events_default: 10 },
      initial_state: [{ type: 'm.room.guest_access', content: { guest_access: 'can_join' } }],
      creation_content: { 'm.federate': false },
    })
    const content = await state(alice, room, 'm.room.create')
    assert.equal(content.room_version, version)
    assert.equal(content['m.federate'], false)
    assert.equal(content.creator, rules.creatorInContent ? alice.userId : undefined)
    assert.deepEqual(await state(alice, room, 'm.room.name'), { name: 'Tea' })
    assert.equal((await state(alice, room, 'm.room.topic')).topic, 'Leaves')
    assert.deepEqual(await state(alice, room, 'm.room.join_rules'), { join_rule: 'public' })
    assert.deepEqual(await state(alice, room, 'm.room.guest_access'), { guest_access: 'can_join' })
    assert.deepEqual(await state(alice, room, 'm.room.canonical_alias'), {
      alias: `#tea${version}:alpha.test`,
    })
    const levels = await state(alice, room, 'm.room.power_levels')
    assert.equal(levels.events_default, 10)
    assert.deepEqual(levels.users, rules.privilegedCreators ? {} : { [alice.userId]: 100 })
  })
}

test('the id of a room of version 12 is that of its create event', async () => {
  const room = await create(alice)
  const event = await alice.must('GET', `rooms/${room}/state/m.room.create/?format=event`)
  assert.equal(decodeURIComponent(room), `!${String(event.event_id).slice(1)}`)
})

test('a trusted private chat gives its guests the power of its creator', async () => {
  for (const room_version of ['11', '12']) {
    const room = await create(alice, {
      room_version,
      preset: 'trusted_private_chat',
      invite: [bob.userId],
      is_direct: true,
    })
    assert.equal((await state(alice, room, `m.room.member/${bob.userId}`)).is_direct, true)
    await bob.must('POST', `rooms/${room}/join`, {})
    await bob.must('PUT', `rooms/${room}/state/m.room.name/`, { name: 'ours' })
    const content = await state(alice, room, room_version === '12' ? 'm.room.create' : 'm.room.power_levels')
    if (room_version === '12') assert.deepEqual(content.additional_creators, [bob.userId])
    else assert.deepEqual(content.users, { [alice.userId]: 100, [bob.userId]: 100 })
  }
})

test('J10: a room version that nobody knows is refused', async () => {
  await alice.refused(['POST', 'createRoom', { room_version: '99' }], 400, 'M_UNSUPPORTED_ROOM_VERSION')
})

/** By version: the join rules that were new in it. */
const newJoinRules: [version: string, before: string, rules: string[]][] = [
  ['7', '6', ['knock']],
  ['8', '7', ['restricted']],
  ['10', '9', ['knock_restricted']],
]

for (const [version, before, rules] of newJoinRules) {
  test(`rooms from version ${version} on may have the join rule ${rules}, those before may not`, async () => {
    for (const join_rule of rules) {
      const initial_state = [{ type: 'm.room.join_rules', content: { join_rule } }]
      const room = await create(alice, { room_version: version, initial_state })
      assert.equal((await state(alice, room, 'm.room.join_rules')).join_rule, join_rule)
      const options = { room_version: before, initial_state }
      await alice.refused(['POST', 'createRoom', JSON.stringify(options)], 400, 'M_INVALID_ROOM_STATE')
    }
  })
}

test('the server says which room versions it has, and what rooms are made of when nobody asks', async () => {
  const { capabilities } = await alice.must('GET', 'capabilities')
  const said = (capabilities as JsonObject)['m.room_versions'] as JsonObject
  const stable = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12']
  assert.deepEqual(said.available, {
    ...Object.fromEntries(stable.map((version) => [version, 'stable'])),
    'org.matrix.msc3757.10': 'unstable',
  })
  assert.equal(said.default, '12')
  assert.equal((await state(alice, await create(alice), 'm.room.create')).room_version, '12')
})

test('rooms are of the version in the settings when nobody asks for one', async () => {
  await using beta = await startTestServer({ config: { defaultRoomVersion: '9' } })
  const carol = await beta.register('carol')
  const { capabilities } = await carol.must('GET', 'capabilities')
  assert.equal(((capabilities as JsonObject)['m.room_versions'] as JsonObject).default, '9')
  assert.equal((await state(carol, await create(carol), 'm.room.create')).room_version, '9')
})

test('an alias belongs to one room, and a creation refused for it leaves nothing behind', async () => {
  await create(alice, { room_alias_name: 'once' })
  const rooms = await alice.must('GET', 'joined_rooms')
  await alice.refused(['POST', 'createRoom', { room_alias_name: 'once' }], 400, 'M_ROOM_IN_USE')
  await alice.refused(['POST', 'createRoom', { room_alias_name: 'a:b' }], 400, 'M_INVALID_PARAM')
  assert.deepEqual(await alice.must('GET', 'joined_rooms'), rooms)
})

test('a creation that its own power levels forbid leaves no alias behind', async () => {
  const options = {
    room_alias_name: 'vain',
    room_version: '11',
    name: 'x',
    power_level_content_override: { users: { [alice.userId]: 0 } },
  }
  await alice.refused(['POST', 'createRoom', options], 403, 'M_FORBIDDEN')
  await alice.refused(['GET', `directory/room/${encodeURIComponent('#vain:alpha.test')}`], 404, 'M_NOT_FOUND')
})

test('what a creation names must be well formed', async () => {
  await alice.refused(['POST', 'createRoom', { invite: ['bob'] }], 400, 'M_BAD_JSON')
  await alice.refused(
    ['POST', 'createRoom', { creation_content: { additional_creators: ['x'] } }],
    400,
    'M_BAD_JSON',
  )
  await alice.refused(['POST', 'createRoom', { preset: 'odd' }], 400, 'M_BAD_JSON')
})
