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

const path = (roomId: string, rest: string) => `rooms/${encodeURIComponent(roomId)}/${rest}`
const state = (roomId: string, type: string) => alice.must('GET', path(roomId, `state/${type}`))
const set = (roomId: string, type: string, content: JsonObject) =>
  alice.must('PUT', path(roomId, `state/${type}`), content)
const create = async (options: JsonObject) =>
  String((await alice.must('POST', 'createRoom', options)).room_id)
const upgrade = async (person: TestPerson, roomId: string, asked: JsonObject) =>
  String((await person.must('POST', path(roomId, 'upgrade'), asked)).replacement_room)

const upgraded: [from: string, to: string][] = [...roomVersions.keys()].flatMap((version) => [
  [version, '12'],
  ['12', version],
])

for (const [from, to] of upgraded) {
  test(`a room of version ${from} is replaced by one of version ${to} with what people know it by`, async () => {
    const contents: Record<string, JsonObject> = {
      'm.room.name': { name: 'Tea' },
      'm.room.topic': { topic: 'Leaves' },
      'm.room.avatar': { url: 'mxc://alpha.test/tea' },
      'm.room.encryption': { algorithm: 'm.megolm.v1.aes-sha2' },
      'm.room.server_acl': { allow: ['*'], deny: ['evil.test'], allow_ip_literals: false },
      'm.room.guest_access': { guest_access: 'can_join' },
      'm.room.history_visibility': { history_visibility: 'invited' },
      'm.room.join_rules': { join_rule: 'public' },
    }
    const old = await create({
      room_version: from,
      preset: 'public_chat',
      creation_content: { type: 'im.kith.test', 'm.federate': false },
      power_level_content_override: { kick: 40, events: { 'm.room.tombstone': 90 } },
      initial_state: Object.entries(contents).map(([type, content]) => ({ type, content })),
    })
    const said = await alice.must('PUT', path(old, 'send/m.room.message/1'), { msgtype: 'm.text', body: 'x' })

    const replacement = await upgrade(alice, old, { new_version: to })

    const created = await state(replacement, 'm.room.create')
    assert.equal(created.room_version, to)
    assert.equal(created.type, 'im.kith.test')
    assert.equal(created['m.federate'], false)
    const predecessor = to === '12' ? { room_id: old } : { room_id: old, event_id: said.event_id }
    assert.deepEqual(created.predecessor, predecessor)
    for (const [type, content] of Object.entries(contents)) {
      assert.deepEqual(await state(replacement, type), content)
    }
    const { users, kick, events_default } = await state(replacement, 'm.room.power_levels')
    assert.deepEqual(users, to === '12' ? {} : { [alice.userId]: 100 })
    assert.deepEqual([kick, events_default], [40, 0])
    assert.equal((await state(old, 'm.room.tombstone')).replacement_room, replacement)
    const closed = await state(old, 'm.room.power_levels')
    assert.deepEqual([closed.events_default, closed.invite], [50, 50])
    await bob.must('POST', `join/${encodeURIComponent(replacement)}`, {})
  })
}

test('aliases and the place in the directory lead to the new room', async () => {
  const old = await create({ preset: 'public_chat', visibility: 'public', room_alias_name: 'tea' })
  await alice.must('PUT', `directory/room/${encodeURIComponent('#leaves:alpha.test')}`, { room_id: old })
  const aliases = { alias: '#tea:alpha.test', alt_aliases: ['#leaves:alpha.test'] }
  await set(old, 'm.room.canonical_alias', aliases)

  const replacement = await upgrade(alice, old, { new_version: '12' })

  for (const alias of ['#tea:alpha.test', '#leaves:alpha.test']) {
    const found = await bob.must('GET', `directory/room/${encodeURIComponent(alias)}`)
    assert.equal(found.room_id, replacement)
  }
  assert.deepEqual(await state(replacement, 'm.room.canonical_alias'), aliases)
  assert.deepEqual(await state(old, 'm.room.canonical_alias'), {})
  const listed = await alpha.database.query<{ room_id: string }>({
    text: 'select room_id from published_rooms join rooms on number = room',
    values: [],
  })
  assert.deepEqual(
    listed.map(({ room_id }) => room_id),
    [replacement],
  )
})

test('only who may send the tombstone upgrades a room, and what he may not change stays', async () => {
  const old = await create({
    preset: 'public_chat',
    room_version: '11',
    name: 'Tea',
    power_level_content_override: { events: { 'm.room.tombstone': 30, 'm.room.name': 80 } },
  })
  await bob.must('POST', `join/${encodeURIComponent(old)}`, {})
  const body = JSON.stringify({ new_version: '12' })
  await bob.refused(['POST', path(old, 'upgrade'), body], 403, 'M_FORBIDDEN')
  const rooms = await bob.must('GET', 'joined_rooms')
  assert.deepEqual(rooms, { joined_rooms: [...(rooms.joined_rooms as string[])] })
  const levels = await state(old, 'm.room.power_levels')
  await set(old, 'm.room.power_levels', { ...levels, users: { [alice.userId]: 100, [bob.userId]: 30 } })

  const replacement = await upgrade(bob, old, { new_version: '10' })

  await alice.must('POST', `join/${encodeURIComponent(replacement)}`, {})
  assert.deepEqual(await state(replacement, 'm.room.name'), { name: 'Tea' })
  const { users } = await state(replacement, 'm.room.power_levels')
  assert.deepEqual(users, { [alice.userId]: 100, [bob.userId]: 30 })
  assert.equal((await state(old, 'm.room.power_levels')).events_default, 0)
})

test('J10: an upgrade to a version that nobody knows is refused', async () => {
  const old = await create({})
  const body = JSON.stringify({ new_version: '99' })
  await alice.refused(['POST', path(old, 'upgrade'), body], 400, 'M_UNSUPPORTED_ROOM_VERSION')
  await alice.refused(['POST', path(old, 'upgrade'), '{}'], 400, 'M_BAD_JSON')
  await alice.refused(['GET', path(old, 'state/m.room.tombstone')], 404, 'M_NOT_FOUND')
})

test('creators beside the one who upgrades are named in version 12, and have no level there', async () => {
  const old = await create({ room_version: '11', preset: 'trusted_private_chat', invite: [bob.userId] })
  const additional = { additional_creators: [bob.userId] }
  const twelve = await upgrade(alice, old, { new_version: '12', ...additional })
  assert.deepEqual((await state(twelve, 'm.room.create')).additional_creators, [bob.userId])
  assert.deepEqual((await state(twelve, 'm.room.power_levels')).users, {})
  const again = await upgrade(alice, twelve, { new_version: '12' })
  assert.equal((await state(again, 'm.room.create')).additional_creators, undefined)
})

test('creators of a room of version 12 have the highest level in one of version 10', async () => {
  const old = await create({ preset: 'trusted_private_chat', invite: [bob.userId] })
  const ten = await upgrade(alice, old, { new_version: '10', additional_creators: [bob.userId] })
  assert.equal((await state(ten, 'm.room.create')).additional_creators, undefined)
  // The tombstone takes as much.
  const users = { [alice.userId]: 150, [bob.userId]: 150 }
  assert.deepEqual((await state(ten, 'm.room.power_levels')).users, users)
})

test('levels that are texts become numbers, and join rules what the version has', async () => {
  const old = await create({
    room_version: '9',
    power_level_content_override: { ban: '60', users: { [alice.userId]: '100' } },
    initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
  })
  const eleven = await upgrade(alice, old, { new_version: '11' })
  const { ban, users } = await state(eleven, 'm.room.power_levels')
  assert.deepEqual([ban, users], [60, { [alice.userId]: 100 }])
  assert.deepEqual(await state(eleven, 'm.room.join_rules'), { join_rule: 'knock' })
  assert.deepEqual(await state(await upgrade(alice, old, { new_version: '6' }), 'm.room.join_rules'), {
    join_rule: 'invite',
  })
})

test('of two upgrades at once one wins, and the other leaves no room behind', async () => {
  const old = await create({ preset: 'public_chat' })
  const before = (await alice.must('GET', 'joined_rooms')).joined_rooms as string[]
  const answers = await Promise.all(
    [1, 2].map(() => alice.call('POST', path(old, 'upgrade'), { body: { new_version: '12' } })),
  )
  // In the same millisecond they would even make the same room: that is 400.
  const [won, lost] = answers.toSorted((a, b) => a.status - b.status)
  assert.equal(won?.status, 200)
  assert.ok([400, 403].includes(lost?.status ?? 0))
  const after = (await alice.must('GET', 'joined_rooms')).joined_rooms as string[]
  assert.deepEqual(
    after.filter((room) => !before.includes(room)),
    [won?.body.replacement_room],
  )
})
