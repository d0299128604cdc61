// What no event may hold is refused by every operation of clients that makes one, and changes nothing.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { canonicalJson } from '@kith/spec/canonical-json'
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

type Door = (content: string) => [method: string, path: string, body: string]

/** Where content of events comes in, whole or in parts. */
const doors: Record<string, Door> = {
  send: (content) => ['PUT', `rooms/${room}/send/m.room.message/bad`, content],
  state: (content) => ['PUT', `rooms/${room}/state/org.example/bad`, content],
  redact: (content) => ['PUT', `rooms/${room}/redact/$x/bad`, content],
  'the state of a new room': (content) => [
    'POST',
    'createRoom',
    `{"initial_state":[{"type":"org.example","state_key":"","content":${content}}]}`,
  ],
  'the creation of a new room': (content) => ['POST', 'createRoom', `{"creation_content":${content}}`],
  'the levels of a new room': (content) => [
    'POST',
    'createRoom',
    `{"power_level_content_override":${content}}`,
  ],
  invite: (content) => ['POST', `rooms/${room}/invite`, `{"user_id":"@bob:alpha.test","x":${content}}`],
  join: (content) => ['POST', `join/${room}`, `{"x":${content}}`],
  leave: (content) => ['POST', `rooms/${room}/leave`, `{"x":${content}}`],
  kick: (content) => ['POST', `rooms/${room}/kick`, `{"user_id":"@bob:alpha.test","x":${content}}`],
  ban: (content) => ['POST', `rooms/${room}/ban`, `{"user_id":"@bob:alpha.test","x":${content}}`],
  profile: (content) => ['PUT', `profile/${alice.userId}/displayname`, `{"displayname":"A","x":${content}}`],
}

async function refusedEverywhere(
  content: string,
  how: [status: number, code: string],
  names = Object.keys(doors),
) {
  const head = alpha.server.log.tail.head
  for (const name of names) {
    const [method, path, body] = (doors[name] as Door)(content)
    const answer = await alice.call(method, path, { body })
    assert.deepEqual([answer.status, answer.body.errcode], how, `${name}: ${content.slice(0, 40)}`)
  }
  assert.equal(alpha.server.log.tail.head, head)
}

test('J2: what canonical JSON cannot hold is refused wherever it would get into an event', async () => {
  for (const value of ['1.5', '1.0', '1e3', '-0', '9007199254740992', '"\\ud800"', '{"b":1,"b":1}']) {
    await refusedEverywhere(`{"a":${value}}`, [400, 'M_BAD_JSON'])
  }
  const largest = '{"a":9007199254740991,"b":-9007199254740991,"c":0}'
  const { status } = await alice.call('PUT', `rooms/${room}/send/m.room.message/good`, { body: largest })
  assert.equal(status, 200)
})

test('J2: elsewhere numbers are what the schema says: the order of a tag is a float', async () => {
  const tags = { tags: { 'm.favourite': { order: 0.25 } } }
  const path = `user/${alice.userId}/account_data/org.example`
  await alice.must('PUT', path, tags)
  assert.deepEqual(await alice.must('GET', path), tags)
})

test('J3: nesting over 128 levels and over 50,000 keys are refused wherever they would get into an event', async () => {
  await refusedEverywhere(`${'{"a":'.repeat(129)}1${'}'.repeat(129)}`, [400, 'M_BAD_JSON'])
  // In 256 KiB there is room for so many keys only where they are short, and alike.
  await refusedEverywhere(
    `{${Array.from({ length: 50_001 }, () => '"":0').join()}}`,
    [400, 'M_BAD_JSON'],
    ['send', 'state'],
  )
})

const big = `{"a":"${'x'.repeat(65_536)}"}`

test('J4: an event over 65,536 bytes is refused by whatever operation, and one of just so many is taken', async () => {
  const whole = ['send', 'state', 'the state of a new room', 'the creation of a new room']
  await refusedEverywhere(big, [413, 'M_TOO_LARGE'], whole)
  const reason = JSON.stringify({ reason: 'x'.repeat(65_536) })
  const his = String((await bob.must('PUT', `rooms/${room}/send/m.room.message/his`, { body: 'x' })).event_id)
  await alice.refused(['PUT', `rooms/${room}/redact/${his}/big`, reason], 413, 'M_TOO_LARGE')
  const first = String((await alice.must('PUT', `rooms/${room}/send/m.x/size1`, { a: '' })).event_id)
  const overhead = sizeOf((await alpha.server.events.one(first))?.pdu as JsonObject)
  // The numbers in it have as many digits now, and the references are as many.
  const sent = await alice.must('PUT', `rooms/${room}/send/m.x/size2`, { a: 'x'.repeat(65_536 - overhead) })
  assert.equal(sizeOf((await alpha.server.events.one(String(sent.event_id)))?.pdu as JsonObject), 65_536)
  const one = { a: 'x'.repeat(65_537 - overhead) }
  await alice.refused(['PUT', `rooms/${room}/send/m.x/size3`, JSON.stringify(one)], 413, 'M_TOO_LARGE')
})

function sizeOf({ unsigned: _, ...pdu }: JsonObject): number {
  return Buffer.byteLength(canonicalJson(pdu))
}

test('J5: a type, key or ID of more than 255 bytes is refused by whatever operation', async () => {
  const long = 'é'.repeat(128)
  const state = (event: JsonObject) => JSON.stringify({ initial_state: [{ content: {}, ...event }] })
  const refusals: [method: string, path: string, body: string][] = [
    ['PUT', `rooms/${room}/send/${encodeURIComponent(long)}/1`, '{}'],
    ['PUT', `rooms/${room}/state/${encodeURIComponent(long)}/`, '{}'],
    ['PUT', `rooms/${room}/state/m.x/${encodeURIComponent(long)}`, '{}'],
    ['POST', 'createRoom', state({ type: long })],
    ['POST', 'createRoom', state({ type: 'm.x', state_key: long })],
  ]
  for (const refusal of refusals) await alice.refused(refusal, 413, 'M_TOO_LARGE')
  const most = `${'é'.repeat(127)}x`
  await alice.must('PUT', `rooms/${room}/state/${encodeURIComponent(most)}/${encodeURIComponent(most)}`, {})
  const ids: [method: string, path: string, body: string][] = [
    ['PUT', `rooms/${room}/redact/${encodeURIComponent(`$${long}:a.test`)}/1`, '{}'],
    ['POST', `rooms/${room}/invite`, JSON.stringify({ user_id: `@${long}:a.test` })],
    ['POST', `join/${encodeURIComponent(`!${long}:a.test`)}`, '{}'],
  ]
  for (const [method, path, body] of ids) {
    const { status } = await alice.call(method, path, { body })
    assert.ok(status >= 400 && status < 500, `${path}: ${status}`)
  }
})

test('J7: a NUL in a name, a reason or an alias is kept, or refused as the caller’s mistake', async () => {
  await alice.must('PUT', `profile/${alice.userId}/displayname`, { displayname: 'A\0lice' })
  const member = await bob.must('GET', `rooms/${room}/state/m.room.member/${alice.userId}`)
  assert.equal(member.displayname, 'A\0lice')
  const options = { name: 'Na\0me', topic: 'To\0pic', preset: 'public_chat', room_alias_name: 'a\0b' }
  await alice.refused(['POST', 'createRoom', JSON.stringify(options)], 400, 'M_INVALID_PARAM')
  const { room_alias_name: _, ...good } = options
  const { room_id: made } = await alice.must('POST', 'createRoom', good)
  const path = `rooms/${encodeURIComponent(String(made))}`
  assert.deepEqual(await alice.must('GET', `${path}/state/m.room.name`), { name: 'Na\0me' })
  await alice.must('POST', `${path}/invite`, { user_id: bob.userId, reason: 're\0ason' })
  await bob.must('POST', `${path}/leave`, { reason: '\0' })
  await alice.must('GET', 'sync')
})
