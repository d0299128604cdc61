import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anotherDevice } from './person.ts'
import { event, membership, message, receipt, section, typing } from './room-view.ts'
import { startServers } from './world.ts'

test('people on two peers talk in one room, read, type and see each other leave', async () => {
  await using world = await startServers(
    { label: 'alpha', kind: 'synapse' },
    { label: 'beta', kind: 'synapse' },
  )
  const alice = await world.user('alice', 'alpha')
  const bob = await world.user('bob', 'beta')
  const room = await alice.createRoom({ preset: 'private_chat', name: 'The two of us' })

  await alice.invite(bob, room)
  await bob.sees(room, section('invite'))
  await bob.join(room)
  await alice.sees(room, membership(bob, 'join'))
  const first = await alice.send(room, 'hello')
  await bob.sees(room, event(first))
  await bob.typing(room, true)
  await alice.sees(room, typing(bob))
  await bob.receipt(room, first)
  await alice.sees(room, receipt(bob, first))
  await bob.edit(room, await bob.send(room, 'good morning'), 'good evening')
  await alice.sees(room, message('* good evening', bob))
  await alice.redact(room, await alice.react(room, first, 'x'))
  await alice.kick(bob, room, 'late')

  await bob.sees(room, section('leave'))
  await assert.rejects(bob.join(room, { via: world.server('alpha').name }), { code: 'M_FORBIDDEN' })
  assert.deepEqual(
    alice.sent.map((sent) => sent.tries),
    [1, 1, 1],
  )
})

test('a send outlasts a kill and a restart of its server, under one transaction id', async () => {
  await using world = await startServers({ label: 'alpha', kind: 'synapse' })
  const alice = await world.user('alice', 'alpha')
  const room = await alice.createRoom()
  const other = await anotherDevice(alice)

  await world.server('alpha').kill()
  const sending = alice.send(room, 'is anybody there?')
  await world.server('alpha').start()
  const eventId = await sending

  const [sent] = alice.sent
  assert.ok(sent && sent.tries > 1)
  const sees = (await other.history(room)).filter((one) => one.event_id === eventId)
  assert.equal(sees.length, 1)
})
