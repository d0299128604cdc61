import 'fake-indexeddb/auto'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServers } from '../harness/world.ts'
import { type CorePerson, indexedStorage, numbered, password, registerCore } from './core-person.ts'
import { plainProxy } from './test-proxy.ts'
import { twoPeople, writeTogether } from './two-people.ts'

const isLive = ({ connection }: CorePerson, transport: string) =>
  connection.kind === 'live' && connection.transport === transport

test('two people write, type and read over their sockets, and nothing of that goes by HTTP', async () => {
  await using world = await startServers('home')
  await using proxy = await plainProxy(world.server('home').url)
  await using stage = await twoPeople(proxy.url)
  const { alice, bob, roomId } = stage
  const [hers, his] = [alice.open(roomId), bob.open(roomId)]
  assert.deepEqual([isLive(alice, 'websocket'), isLive(bob, 'websocket')], [true, true])

  await alice.do.setTyping(roomId, true)
  await bob.sees(() => his.details?.typing[0]?.userId === alice.userId, 'Alice typing')
  for (const text of numbered('alice', 20)) await alice.do.send(roomId, { text })
  await bob.sees(() => his.texts.length === 20, 'all messages')
  assert.deepEqual(his.texts, numbered('alice', 20))
  await bob.do.markRead(roomId, his.item('alice 19').eventId ?? '')
  await alice.sees(() => hers.item('alice 19').readers[0]?.userId === bob.userId, 'Bob has read')

  const counts = Map.groupBy(proxy.sockets.methods, (method) => method)
  const told = [...counts].map(([method, calls]) => [method, calls.length]).sort()
  assert.deepEqual(told, [
    ['receipt', 1],
    ['send', 20],
    ['typing', 1],
  ])
  const byHttp = proxy.paths.filter((path) => /\/(sync|send|typing|receipt)\b/.test(path))
  assert.deepEqual(byHttp, [])
})

test('a server that is restarted while both write has them back on their sockets, with nothing lost or doubled', async () => {
  await using world = await startServers('home')
  await using stage = await twoPeople(world.server('home').url)
  const { alice, bob } = stage
  const server = world.server('home')
  const { hers, his, writing } = await writeTogether(stage)

  await server.stop()
  await alice.sees(() => alice.connection.kind === 'offline', 'no connection')
  await server.start()
  await writing

  for (const [person, room] of [[alice, hers] as const, [bob, his] as const]) {
    const isSettled = () => room.texts.length >= 80 && room.events.every(({ send }) => send === undefined)
    await person.sees(isSettled, 'all messages')
    await person.sees(() => isLive(person, 'websocket'), 'a socket')
    for (const who of ['alice', 'bob']) {
      assert.deepEqual(
        room.texts.filter((text) => text.startsWith(`${who} `)),
        numbered(who, 40),
      )
    }
    assert.equal(room.texts.length, 80)
  }
  assert.deepEqual(hers.texts, his.texts)
})

test('where upgrades do not pass, or pass no longer, long polls go on from the same token', async () => {
  await using world = await startServers('home')
  await using proxy = await plainProxy(world.server('home').url)
  await using stage = await twoPeople(proxy.url)
  const { alice, bob, roomId } = stage
  const [hers, his] = [alice.open(roomId), bob.open(roomId)]
  await alice.do.send(roomId, { text: 'by socket' })
  await bob.sees(() => his.texts.includes('by socket'), 'the first message')

  proxy.sockets.block()
  await alice.do.send(roomId, { text: 'in between' })
  for (const person of [alice, bob]) await person.sees(() => isLive(person, 'long-poll'), 'a long poll')
  await bob.do.send(roomId, { text: 'by long poll' })

  await alice.sees(() => hers.texts.includes('by long poll'), 'the last message')
  assert.deepEqual(hers.texts, ['by socket', 'in between', 'by long poll'])
  await bob.sees(() => his.texts.length === 3 && his.item('by long poll').send === undefined, 'the echo')
  assert.deepEqual(his.texts, hers.texts)
})

test('who ends all sessions on another device is signed out here, and nobody else is', async () => {
  await using world = await startServers('home')
  const server = world.server('home')
  await using alice = await registerCore(server, 'alice', indexedStorage())
  await using bob = await registerCore(server, 'bob')
  await alice.do.createGroup({ name: 'Garden' })
  assert.equal(isLive(alice, 'websocket'), true)

  await signOutEverywhere(server.url, alice.userId)

  await alice.sees(() => alice.session.kind === 'signed-out', 'the end of the session')
  assert.deepEqual(alice.session, { kind: 'signed-out', why: 'by-server' })
  assert.equal(alice.rooms.size, 0)
  assert.equal(isLive(bob, 'websocket'), true)
})

/** As somebody does who signs in on another device and ends all others. */
async function signOutEverywhere(url: string, user: string): Promise<void> {
  const post = async (path: string, body: object, token?: string) => {
    const response = await fetch(`${url}/_matrix/client/v3/${path}`, {
      method: 'POST',
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    })
    assert.equal(response.status, 200)
    return response.json() as Promise<{ access_token: string }>
  }
  const identifier = { type: 'm.id.user', user }
  const { access_token } = await post('login', { type: 'm.login.password', identifier, password })
  await post('logout/all', {}, access_token)
}
