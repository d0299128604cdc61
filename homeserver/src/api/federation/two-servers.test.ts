import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import { roomVersions } from '@kith/spec/rooms/room-version'
import { guardedClient } from '../../platform/outgoing/client.ts'
import { testResolver, testServer, trustOnly } from '../../platform/outgoing/test-server.ts'
import { testAuthority } from '../../platform/test-certificates.ts'
import type { TestPerson } from '../test-person.ts'
import { startTestServer, type TestServer } from '../test-server.ts'

const authority = testAuthority()
const closing = new AsyncDisposableStack()
const services: Record<string, string[]> = {}
const addresses: Record<string, string[]> = {}

/** A server that others find by its name, over TLS. */
async function federatedServer(name: string, address: string): Promise<TestServer> {
  const resolver = testResolver(addresses, services)
  const outgoing = guardedClient({ resolver, authorities: trustOnly(authority.cert), mayReach: () => true })
  const server = await startTestServer({ config: { serverName: name }, parts: { outgoing, resolver } })
  const listener = await testServer({
    certificate: authority.issue(name),
    address,
    handler: server.api.handler,
  })
  addresses[`host.${name}`] = [address]
  services[`_matrix-fed._tcp.${name}`] = [`host.${name}:${listener.port}`]
  closing.use(listener)
  return server
}

let alpha: TestServer
let beta: TestServer
let alice: TestPerson
let bob: TestPerson
before(async () => {
  alpha = await federatedServer('alpha.test', '127.0.3.1')
  beta = await federatedServer('beta.test', '127.0.3.2')
  alice = await alpha.register('alice')
  bob = await beta.register('bob')
})
after(async () => {
  await closing.disposeAsync()
  await alpha[Symbol.asyncDispose]()
  await beta[Symbol.asyncDispose]()
})

const path = (roomId: unknown, rest: string) => `rooms/${encodeURIComponent(String(roomId))}/${rest}`

async function publicRoom(options: JsonObject = {}): Promise<string> {
  const { room_id: roomId } = await alice.must('POST', 'createRoom', { preset: 'public_chat', ...options })
  return String(roomId)
}

let sent = 0
async function say(person: TestPerson, roomId: string, body: string): Promise<string> {
  const answer = await person.must('PUT', path(roomId, `send/m.room.message/${sent++}`), {
    msgtype: 'm.text',
    body,
  })
  return String(answer.event_id)
}

/** Waits by /sync until an event of the room is there. */
async function sees(person: TestPerson, roomId: string, eventId: string): Promise<JsonObject> {
  let since = ''
  for (let tries = 0; tries < 20; tries++) {
    const body = (await person.must('GET', `sync?timeout=2000${since}`)) as unknown as Synced
    const events = body.rooms?.join?.[roomId]?.timeline?.events ?? []
    const found = events.find((event) => event.event_id === eventId)
    if (found) return found
    since = `&since=${body.next_batch}`
  }
  throw new Error(`${person.userId} does not see ${eventId}`)
}

interface Synced {
  next_batch: string
  rooms?: {
    join?: Record<string, { timeline?: { events: JsonObject[] } }>
    invite?: Record<string, { invite_state: { events: JsonObject[] } }>
    leave?: Record<string, JsonObject>
  }
}

async function synced(person: TestPerson): Promise<Synced> {
  return (await person.must('GET', 'sync')) as unknown as Synced
}

for (const version of roomVersions.keys()) {
  test(`people of two servers talk in a room of version ${version}`, async () => {
    const roomId = await publicRoom({ room_version: version, name: 'Common' })
    const before = await say(alice, roomId, 'before')
    await bob.must('POST', `join/${encodeURIComponent(roomId)}?via=alpha.test`, {})
    const fromBob = await say(bob, roomId, 'hello from beta')
    assert.equal(((await sees(alice, roomId, fromBob)).content as JsonObject).body, 'hello from beta')
    const fromAlice = await say(alice, roomId, 'hello from alpha')
    assert.equal(((await sees(bob, roomId, fromAlice)).content as JsonObject).body, 'hello from alpha')
    // History from before the join is fetched when it is read.
    const { chunk } = await bob.must('GET', path(roomId, 'messages?dir=b&limit=100'))
    const events = chunk as JsonObject[]
    assert.ok(events.some(({ event_id }) => event_id === before))
    assert.equal(events.at(-1)?.type, 'm.room.create')
    const members = await bob.must('GET', path(roomId, 'joined_members'))
    assert.deepEqual(Object.keys(members.joined as JsonObject).sort(), [alice.userId, bob.userId])
  })
}

test('an alias of another server leads into its room', async () => {
  const roomId = await publicRoom({ room_alias_name: 'common' })
  const answer = await bob.must('POST', `join/${encodeURIComponent('#common:alpha.test')}`, {})
  assert.equal(answer.room_id, roomId)
})

test('somebody invited from another server sees what the room is, and joins or declines', async () => {
  const { room_id: room } = await alice.must('POST', 'createRoom', {
    preset: 'private_chat',
    name: 'Private',
  })
  const roomId = String(room)
  await bob.refused(['POST', `join/${encodeURIComponent(roomId)}?via=alpha.test`, '{}'], 403, 'M_FORBIDDEN')
  await alice.must('POST', path(roomId, 'invite'), { user_id: bob.userId })
  const invite = (await synced(bob)).rooms?.invite?.[roomId]
  const names = invite?.invite_state.events.filter(({ type }) => type === 'm.room.name')
  assert.deepEqual(
    names?.map(({ content }) => content),
    [{ name: 'Private' }],
  )
  await bob.must('POST', path(roomId, 'leave'), {})
  assert.equal((await synced(bob)).rooms?.invite?.[roomId], undefined)
  const member = await alice.must('GET', path(roomId, `state/m.room.member/${bob.userId}`))
  assert.equal(member.membership, 'leave')
  await alice.must('POST', path(roomId, 'invite'), { user_id: bob.userId })
  await bob.must('POST', `join/${encodeURIComponent(roomId)}`, {})
  await sees(alice, roomId, await say(bob, roomId, 'here'))
})

test('an invite that is withdrawn is gone from the other server', async () => {
  const { room_id: room } = await alice.must('POST', 'createRoom', { preset: 'private_chat' })
  const roomId = String(room)
  await alice.must('POST', path(roomId, 'invite'), { user_id: bob.userId })
  const { next_batch: since, rooms } = await synced(bob)
  assert.ok(rooms?.invite?.[roomId])
  await alice.must('POST', path(roomId, 'kick'), { user_id: bob.userId })
  let next = since
  for (let tries = 0; tries < 20; tries++) {
    const body = (await bob.must('GET', `sync?timeout=2000&since=${next}`)) as unknown as Synced
    if (body.rooms?.leave?.[roomId]) return
    next = body.next_batch
  }
  assert.fail('the invite is still there')
})

test('a knock from another server is let in', async () => {
  const { room_id: room } = await alice.must('POST', 'createRoom', {
    preset: 'private_chat',
    name: 'Behind a door',
  })
  const roomId = String(room)
  await alice.must('PUT', path(roomId, 'state/m.room.join_rules'), { join_rule: 'knock' })
  await bob.must('POST', `knock/${encodeURIComponent(roomId)}?via=alpha.test`, {})
  const member = await alice.must('GET', path(roomId, `state/m.room.member/${bob.userId}`))
  assert.equal(member.membership, 'knock')
  await alice.must('POST', path(roomId, 'invite'), { user_id: bob.userId })
  await bob.must('POST', `join/${encodeURIComponent(roomId)}?via=alpha.test`, {})
  await sees(alice, roomId, await say(bob, roomId, 'thank you'))
})

test('A11: members of one room get into another through a server that can vouch for them', async () => {
  const club = await publicRoom()
  const { room_id: room } = await alice.must('POST', 'createRoom', { preset: 'private_chat' })
  const roomId = String(room)
  const allow = [{ type: 'm.room_membership', room_id: club }]
  await alice.must('PUT', path(roomId, 'state/m.room.join_rules'), { join_rule: 'restricted', allow })
  const join = ['POST', `join/${encodeURIComponent(roomId)}?via=alpha.test`, '{}'] as const
  await bob.refused([...join], 403, 'M_FORBIDDEN')
  await bob.must('POST', `join/${encodeURIComponent(club)}?via=alpha.test`, {})
  await bob.must('POST', `join/${encodeURIComponent(roomId)}?via=alpha.test`, {})
  const member = await alice.must('GET', path(roomId, `state/m.room.member/${bob.userId}`))
  assert.equal(member.join_authorised_via_users_server, alice.userId)
  await sees(alice, roomId, await say(bob, roomId, 'a member'))
})

test('F11: a profile is told to other servers', async () => {
  await alice.must('PUT', `profile/${alice.userId}/displayname`, { displayname: 'Alice' })
  assert.deepEqual(await bob.must('GET', `profile/${alice.userId}`), { displayname: 'Alice' })
  await bob.refused(['GET', `profile/@nobody:alpha.test`], 404, 'M_NOT_FOUND')
})

test('one who leaves and comes back sees what was said meanwhile', async () => {
  const roomId = await publicRoom()
  await bob.must('POST', `join/${encodeURIComponent(roomId)}?via=alpha.test`, {})
  await sees(alice, roomId, await say(bob, roomId, 'going'))
  await bob.must('POST', path(roomId, 'leave'), {})
  const missed = [await say(alice, roomId, 'one'), await say(alice, roomId, 'two')]
  await bob.must('POST', `join/${encodeURIComponent(roomId)}?via=alpha.test`, {})
  await sees(bob, roomId, await say(alice, roomId, 'welcome back'))
  const { chunk } = await bob.must('GET', path(roomId, 'messages?dir=b&limit=100'))
  const ids = (chunk as JsonObject[]).map(({ event_id }) => event_id)
  for (const id of missed) assert.ok(ids.includes(id as string))
  assert.equal(new Set(ids).size, ids.length)
})
