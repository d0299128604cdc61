import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinAsFake, sendTransaction } from './fake-room.ts'
import { startFakeServer } from './fake-server.ts'
import { event, membership } from './room-view.ts'
import { startServers } from './world.ts'

for (const version of ['10', '11', '12']) {
  test(`a peer takes the fake server for a real one in a room of version ${version}`, async () => {
    await using world = await startServers({ label: 'alpha', kind: 'synapse' })
    await using fake = await startFakeServer(world)
    const alice = await world.user('alice', 'alpha')
    const alpha = world.server('alpha').name
    const roomId = await alice.createRoom({ preset: 'public_chat', room_version: version })

    const room = await joinAsFake(fake, { via: alpha, roomId })
    await alice.sees(roomId, membership(room.userId, 'join'))
    const hello = room.build({ type: 'm.room.message', content: { msgtype: 'm.text', body: 'hello' } })
    const answer = await sendTransaction(fake, alpha, { id: 'one', pdus: [hello.pdu] })
    assert.deepEqual(answer, { status: 200, body: { pdus: { [hello.eventId]: {} } } })
    await alice.sees(roomId, event(hello.eventId))
    room.add(hello)

    await alice.send(roomId, 'good morning')
    await fake.receives(({ body }) => body.pdus?.some((pdu) => pdu.content.body === 'good morning') ?? false)
    const again = room.build({ type: 'm.room.message', content: { msgtype: 'm.text', body: 'and you?' } })
    await sendTransaction(fake, alpha, { id: 'two', pdus: [again.pdu] })
    await alice.sees(roomId, event(again.eventId))
  })
}

test('a request with the signature of another is refused', async () => {
  await using world = await startServers({ label: 'alpha', kind: 'synapse' })
  await using fake = await startFakeServer(world)
  const alpha = world.server('alpha').name
  const body = { origin: fake.name, origin_server_ts: Date.now(), pdus: [] }
  const send = (id: string) => ({ method: 'PUT', uri: `/_matrix/federation/v1/send/${id}`, body }) as const

  const authorization = fake.authorize(alpha, send('other'))
  assert.equal((await fake.request(alpha, { ...send('one'), authorization })).status, 401)
  assert.equal((await fake.request(alpha, send('one'))).status, 200)
})
