import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { roomVersions } from '@kith/spec/rooms/room-version'
import type { StoredEvent } from '../../storage/stored-event.ts'
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

async function roomOfTwo(version: string): Promise<string> {
  const options = { preset: 'public_chat', room_version: version }
  const room = encodeURIComponent(String((await alice.must('POST', 'createRoom', options)).room_id))
  await bob.must('POST', `join/${room}`, {})
  return room
}

const message = async (person: TestPerson, room: string, txn: string) =>
  String(
    (
      await person.must('PUT', `rooms/${room}/send/m.room.message/${txn}`, {
        msgtype: 'm.text',
        body: 'secret',
      })
    ).event_id,
  )

for (const version of roomVersions.keys()) {
  test(`A12: a redaction takes the content from every place, in a room of version ${version}`, async () => {
    const room = await roomOfTwo(version)
    const target = await message(bob, room, 'a')
    const path = `rooms/${room}/redact/${encodeURIComponent(target)}/r`
    const { event_id: redaction } = await alice.must('PUT', path, { reason: 'no' })
    assert.deepEqual(await alice.must('PUT', path, { reason: 'no' }), { event_id: redaction })
    const stored = await alpha.server.events.one(target)
    assert.deepEqual(stored?.pdu.content, {})
    assert.equal(stored?.redactedBy, redaction)
    const rows = await alpha.database.query<{ pdu: Buffer }>({
      text: `select pdu from events where position(convert_to('secret', 'UTF8') in pdu) > 0 and room = $1`,
      values: [stored?.room],
    })
    assert.deepEqual(rows, [])
  })
}

test('A12: one without the power redacts nothing of others, but what is his own', async () => {
  const room = await roomOfTwo('12')
  const hers = await message(alice, room, 'a')
  const his = await message(bob, room, 'b')
  await bob.must('PUT', `rooms/${room}/redact/${encodeURIComponent(his)}/r1`, {})
  assert.deepEqual((await alpha.server.events.one(his))?.pdu.content, {})
  await alice.must('PUT', `rooms/${room}/state/m.room.power_levels/`, {
    ...(await alice.must('GET', `rooms/${room}/state/m.room.power_levels/`)),
    events: { 'm.room.redaction': 50 },
  })
  await bob.refused(['PUT', `rooms/${room}/redact/${encodeURIComponent(hers)}/r2`, {}], 403, 'M_FORBIDDEN')
  assert.equal((await alpha.server.events.one(hers))?.pdu.content.body, 'secret')
})

test('A12: a redaction of an event in another room, or of itself, does nothing', async () => {
  const [one, other] = [await roomOfTwo('12'), await roomOfTwo('12')]
  const target = await message(alice, one, 'a')
  await alice.must('PUT', `rooms/${other}/redact/${encodeURIComponent(target)}/r`, {})
  assert.equal((await alpha.server.events.one(target))?.pdu.content.body, 'secret')
})

for (const [version, rules] of roomVersions) {
  test(`clients find the target of a redaction in either place, in a room of version ${version}`, async () => {
    const room = await roomOfTwo(version)
    const target = await message(bob, room, 'a')
    const path = `rooms/${room}/redact/${encodeURIComponent(target)}/r`
    const { event_id: redaction } = await alice.must('PUT', path, {})
    const event = await alice.must('GET', `rooms/${room}/event/${encodeURIComponent(String(redaction))}`)
    assert.equal(event.redacts, target)
    assert.deepEqual(event.content, { redacts: target })
    const { pdu } = (await alpha.server.events.one(String(redaction))) as StoredEvent
    assert.equal(rules.redactsInContent ? pdu.content.redacts : pdu.redacts, target)
    assert.equal(rules.redactsInContent ? pdu.redacts : pdu.content.redacts, undefined)
  })
}

for (const version of ['1', '2']) {
  test(`A12: rooms of version ${version} take no redaction from one who may not redact`, async () => {
    const room = await roomOfTwo(version)
    await alice.must('PUT', `rooms/${room}/state/m.room.power_levels/`, {
      ...(await alice.must('GET', `rooms/${room}/state/m.room.power_levels/`)),
      redact: 75,
      users: { [alice.userId]: 70, [bob.userId]: 80 },
    })
    const elsewhere = encodeURIComponent('$event:elsewhere.test')
    await alice.refused(['PUT', `rooms/${room}/redact/${elsewhere}/r`, '{}'], 403, 'M_FORBIDDEN')
    await bob.must('PUT', `rooms/${room}/redact/${elsewhere}/r`, {})
  })
}
