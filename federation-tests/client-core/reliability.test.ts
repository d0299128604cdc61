import 'fake-indexeddb/auto'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServers } from '../harness/world.ts'
import { indexedStorage, numbered, registerCore, scrollToStart } from './core-person.ts'
import { twoPeople, writeTogether } from './two-people.ts'

test('a server that is killed and comes back while both write loses and doubles nothing', async () => {
  await using world = await startServers('home')
  await using stage = await twoPeople(world.server('home').url)
  const { alice, bob, roomId } = stage
  const server = world.server('home')
  const { hers, his, writing } = await writeTogether(stage)

  await server.kill()
  await alice.sees(() => alice.connection.kind === 'offline', 'no connection')
  await alice.do.send(roomId, { text: 'written offline' })
  assert.equal(hers.item('written offline').send?.state === 'sent', false)
  await server.start()
  await writing

  for (const [person, room] of [[alice, hers] as const, [bob, his] as const]) {
    const isSettled = () => room.texts.length >= 81 && room.events.every(({ send }) => send === undefined)
    await person.sees(isSettled, 'all messages')
    assert.deepEqual(
      room.texts.filter((text) => text.startsWith('alice ')),
      numbered('alice', 40),
    )
    assert.deepEqual(
      room.texts.filter((text) => text.startsWith('bob ')),
      numbered('bob', 40),
    )
    assert.equal(room.texts.length, 81)
    assert.equal(person.connection.transport, 'websocket')
  }
  assert.deepEqual(hers.texts, his.texts)
})

test('scrolling back through 2,000 messages shows each of them once, in order', async () => {
  await using world = await startServers('home')
  const writer = await world.user('writer', 'home')
  const roomId = await writer.createRoom({ preset: 'public_chat' })
  const texts = numbered('line', 2000)
  for (const text of texts) await writer.send(roomId, text)
  await using alice = await registerCore(world.server('home'), 'alice', indexedStorage())
  await alice.do.join(roomId)
  const room = alice.open(roomId)
  await alice.sees(() => room.texts.length > 0, 'the newest messages')

  await scrollToStart(alice, room, roomId)

  assert.deepEqual(room.texts, texts)
  assert.equal(room.events[0]?.body.kind, 'created')
  assert.equal(new Set(room.items.map(({ key }) => key)).size, room.items.length)
  // Once more, from the store alone.
  await world.server('home').kill()
  await using again = await alice.reload()
  const stored = again.open(roomId)
  await again.sees(() => stored.texts.length > 0, 'the stored messages')
  await scrollToStart(again, stored, roomId)
  assert.deepEqual(stored.texts, texts)
})

test('a store that is opened again shows its rooms without the server, and goes on from its token', async () => {
  await using world = await startServers('home')
  await using stage = await twoPeople(world.server('home').url)
  const { alice, bob, roomId } = stage
  await bob.do.send(roomId, { text: 'before' })
  await alice.sees(() => alice.rooms.get(roomId)?.unread.messages === 1, 'the message')
  await world.server('home').kill()

  await using again = await alice.reload()
  const hers = again.open(roomId)
  await again.sees(() => hers.texts.includes('before'), 'the stored message')
  assert.deepEqual(again.rooms.get(roomId)?.last?.body, { kind: 'text', text: 'before' })
  assert.equal(again.connection.hasSynced, true)
  await world.server('home').start()
  await bob.do.send(roomId, { text: 'after' })
  await again.sees(() => hers.texts.includes('after'), 'the new message')

  assert.deepEqual(hers.texts, ['before', 'after'])
})

test('a session the server ends is wiped here, and a signed-out store is empty', async () => {
  await using world = await startServers('home')
  const storage = indexedStorage()
  await using alice = await registerCore(world.server('home'), 'alice', storage)
  const roomId = await alice.do.createGroup({ name: 'Garden' })
  await alice.do.send(roomId, { text: 'Hello' })
  const store = await storage.open()
  const { session } = await store.load()

  await fetch(`${world.server('home').url}/_matrix/client/v3/logout/all`, {
    method: 'POST',
    headers: { authorization: `Bearer ${session?.token}` },
  })

  await alice.sees(() => alice.session.kind === 'signed-out', 'the end of the session')
  assert.deepEqual(alice.session, { kind: 'signed-out', why: 'by-server' })
  assert.deepEqual(await store.load(), {
    session: undefined,
    token: undefined,
    rooms: [],
    accountData: [],
    outbox: [],
  })
  assert.deepEqual(await store.events(roomId, { limit: 10 }), [])
  store.close()
})
