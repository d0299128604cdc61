import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import type { TestPerson } from '../test-person.ts'
import { startTestServer, type TestServer } from '../test-server.ts'

let alpha: TestServer
let alice: TestPerson
let bob: TestPerson
let room: string
before(async () => {
  alpha = await startTestServer()
  alice = await alpha.register('alice')
  bob = await alpha.register('bob')
  room = encodeURIComponent(
    String((await alice.must('POST', 'createRoom', { preset: 'public_chat' })).room_id),
  )
  await bob.must('POST', `join/${room}`, {})
})
after(() => alpha[Symbol.asyncDispose]())

const text = (body: string): JsonObject => ({ msgtype: 'm.text', body })
/** @param path a transaction id, or an event type and a transaction id */
const send = async (person: TestPerson, path: string, content: JsonObject) =>
  String(
    (
      await person.must(
        'PUT',
        `rooms/${room}/send/${path.includes('/') ? path : `m.room.message/${path}`}`,
        content,
      )
    ).event_id,
  )

test('a transaction id passes once, however often and however close together it is sent', async () => {
  const sent = await Promise.all(Array.from({ length: 10 }, () => send(alice, 'once', text('hello'))))
  assert.equal(new Set(sent).size, 1)
  assert.equal(await send(alice, 'once', text('changed')), sent[0])
  assert.notEqual(await send(bob, 'once', text('hello')), sent[0])
  const again = await alice.logIn('alice')
  assert.notEqual(await send(again, 'once', text('hello')), sent[0])
})

test('a retry is answered as the first try was, also when the rules would refuse it by now', async () => {
  const target = await send(alice, 'reacted', text('a'))
  const reaction = { 'm.relates_to': { rel_type: 'm.annotation', event_id: target, key: '!' } }
  const first = await send(bob, 'm.reaction/again', reaction)
  assert.equal(await send(bob, 'm.reaction/again', reaction), first)
  const last = await send(bob, 'before', text('bye'))
  await bob.must('POST', `rooms/${room}/leave`, {})
  assert.equal(await send(bob, 'before', text('bye')), last)
  await bob.must('POST', `join/${room}`, {})
})

test('sends that run side by side are one chain: none is lost, none refers to a missing one', async () => {
  const ids = await Promise.all(
    Array.from({ length: 200 }, (_, n) => send(n % 2 ? alice : bob, `side${n}`, text(`${n}`))),
  )
  assert.equal(new Set(ids).size, 200)
  const rows = await alpha.database.query<{ count: number }>({
    text: 'select count(*) as count from extremities x join rooms r on r.number = x.room where r.room_id = $1',
    values: [decodeURIComponent(room)],
  })
  assert.equal(rows[0]?.count, 1)
})

test('the same state said again by the same person changes nothing', async () => {
  const path = `rooms/${room}/state/m.room.topic/`
  const first = await alice.must('PUT', path, { topic: 'a' })
  assert.deepEqual(await alice.must('PUT', path, { topic: 'a' }), first)
  assert.notDeepEqual(await alice.must('PUT', path, { topic: 'b' }), first)
})

test('J4: an event of more than 65536 bytes is refused, and changes nothing', async () => {
  await alice.refused(['PUT', `rooms/${room}/send/m.x/big`, text('x'.repeat(65_000))], 413, 'M_TOO_LARGE')
  await send(alice, 'big', text('small'))
})

test('J5: a type of more than 255 bytes is refused', async () => {
  await alice.refused(
    ['PUT', `rooms/${room}/send/${encodeURIComponent('é'.repeat(128))}/1`, {}],
    413,
    'M_TOO_LARGE',
  )
  await alice.refused(['PUT', `rooms/${room}/state/m.x/${'k'.repeat(256)}`, {}], 413, 'M_TOO_LARGE')
  await alice.must('PUT', `rooms/${room}/state/m.x/${'k'.repeat(255)}`, {})
})

test('J7: NUL is text like any other', async () => {
  const content = { body: 'a\0b', '\0': '\0' }
  const type = encodeURIComponent('m.nul\0')
  const key = encodeURIComponent('k\0')
  await alice.must('PUT', `rooms/${room}/state/${type}/${key}`, content)
  assert.deepEqual(await bob.must('GET', `rooms/${room}/state/${type}/${key}`), content)
  await send(alice, `${type}/nul`, { 'm.relates_to': { rel_type: 'm.\0', event_id: '$x', key: '\0' } })
})

test('J9: names that JavaScript knows are names like any other', async () => {
  const content = JSON.parse('{"__proto__":{"a":1},"constructor":"c","toString":"t"}')
  for (const key of ['__proto__', 'constructor', 'toString']) {
    await alice.must('PUT', `rooms/${room}/state/${key}/${key}`, content)
    const { body } = await bob.call('GET', `rooms/${room}/state/${key}/${key}`)
    assert.equal(JSON.stringify(body), JSON.stringify(content))
  }
})

test('V7: nobody annotates an event twice with the same key', async () => {
  const target = await send(alice, 'target', text('a'))
  const reaction = (key: string) => ({ 'm.relates_to': { rel_type: 'm.annotation', event_id: target, key } })
  await send(bob, 'm.reaction/r1', reaction('+'))
  await bob.refused(['PUT', `rooms/${room}/send/m.reaction/r2`, reaction('+')], 400, 'M_DUPLICATE_ANNOTATION')
  const other = await send(bob, 'm.reaction/r3', reaction('-'))
  await send(alice, 'm.reaction/r4', reaction('+'))
  await bob.must('PUT', `rooms/${room}/redact/${other}/d1`, {})
  await send(bob, 'm.reaction/r5', reaction('-'))
})

test('a canonical alias must lead to its room', async () => {
  const path = `rooms/${room}/state/m.room.canonical_alias/`
  await alice.refused(['PUT', path, { alias: '#none:alpha.test' }], 400, 'M_BAD_ALIAS')
  await alice.refused(['PUT', path, { alias: 'none' }], 400, 'M_INVALID_PARAM')
  await alice.must('PUT', `directory/room/${encodeURIComponent('#some:alpha.test')}`, {
    room_id: decodeURIComponent(room),
  })
  await alice.must('PUT', path, { alias: '#some:alpha.test', alt_aliases: ['#some:alpha.test'] })
  await alice.must('DELETE', `directory/room/${encodeURIComponent('#some:alpha.test')}`)
  await alice.must('PUT', path, { alias: '#some:alpha.test' })
})
