import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventIdOf } from '@kith/spec/events/event-id'
import type { JsonObject } from '@kith/spec/json'
import { parseJson } from '@kith/spec/strict-json'
import { signedRequest, TestMember } from '../../domain/federation/test-member.ts'
import { keyAnswer, testPeer } from '../../domain/federation/test-peer.ts'
import { nodeCrypto } from '../../platform/crypto.ts'
import type { TestPerson } from '../test-person.ts'
import { type PeerScene, setPeerScene } from './test-peer-scene.ts'

let laterMs = 0
const clock = { now: () => Date.now() + laterMs }

let alpha: PeerScene['alpha']
let alice: PeerScene['alice']
let peer: PeerScene['peer']
setPeerScene(
  120,
  (scene) => {
    ;({ alpha, alice, peer } = scene)
  },
  clock,
)

/** A room of alice's with a user of the peer in it. */
async function roomWithEve(options: JsonObject = {}): Promise<TestMember> {
  const { room_id: roomId } = await alice.must('POST', 'createRoom', { preset: 'public_chat', ...options })
  const eve = new TestMember(peer, alpha.url)
  await eve.join(String(roomId))
  return eve
}

async function seenBy(person: TestPerson, { roomId }: TestMember): Promise<string[]> {
  const { chunk } = await person.must('GET', `rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=100`)
  return (chunk as { event_id: string }[]).map(({ event_id }) => event_id).reverse()
}

test('what a user of another server says is seen by ours', async () => {
  const eve = await roomWithEve()
  const events = [
    eve.next(),
    eve.next({ type: 'm.room.topic', stateKey: '', content: { topic: 'x' } }),
    eve.next(),
  ]
  const outcomes = await eve.outcomes(...events)
  assert.deepEqual(outcomes[events[0]?.eventId ?? ''], {})
  // Eve may not set the topic: what she says after it counts nevertheless.
  assert.match(String(outcomes[events[1]?.eventId ?? '']?.error), /auth rules/)
  assert.deepEqual(outcomes[events[2]?.eventId ?? ''], {})
  const seen = await seenBy(alice, eve)
  assert.deepEqual(seen.slice(-2), [events[0]?.eventId, events[2]?.eventId])
})

test('F2: a transaction of too many events or messages is refused whole, and so is one of too many bytes', async () => {
  const eve = await roomWithEve()
  const many = Array.from({ length: 51 }, () => '{}')
  const tooMany = await eve.send(many)
  assert.deepEqual([tooMany.status, tooMany.body.errcode], [400, 'M_INVALID_PARAM'])
  const edus = Array.from({ length: 101 }, () => ({ edu_type: 'm.x', content: {} }))
  const tooManyEdus = await eve.send([], edus)
  assert.deepEqual([tooManyEdus.status, tooManyEdus.body.errcode], [400, 'M_INVALID_PARAM'])
  assert.equal((await eve.send(many.slice(1), edus.slice(1))).status, 200)
  const tooLarge = await eve.send([JSON.stringify({ padding: 'x'.repeat(13_000_000) })])
  assert.deepEqual([tooLarge.status, tooLarge.body.errcode], [413, 'M_TOO_LARGE'])
})

test('F2: a repeated transaction is answered as before and done once', async () => {
  const eve = await roomWithEve()
  const event = eve.next()
  const bad = eve.event({ sender: `@someone:other.test` })
  const [first, again] = await Promise.all([
    eve.send([event, bad], [], 'same'),
    eve.send([event, bad], [], 'same'),
  ])
  assert.equal(first.status, 200)
  assert.deepEqual(first.body, again.body)
  // Even when it says something else now.
  assert.deepEqual((await eve.send([eve.next()], [], 'same')).body, first.body)
  const seen = await seenBy(alice, eve)
  assert.equal(seen.filter((id) => id === event.eventId).length, 1)
})

test('J2: an event whose text is not canonical is dropped alone', async () => {
  const eve = await roomWithEve()
  const good = eve.next()
  const raw = (content: string) => {
    const { eventId, pdu } = eve.event({ content: { body: 'CONTENT' } })
    return { eventId, text: JSON.stringify(pdu).replace('{"body":"CONTENT"}', content) }
  }
  const bad = ['{"a":1.0}', '{"a":1e3}', '{"a":-0}', '{"a":9007199254740992}', '{"a":1,"a":1}'].map(raw)
  const outcomes = await eve.outcomes(...bad.map(({ text }) => text), good)
  assert.deepEqual(outcomes[good.eventId], {})
  for (const { eventId, text } of bad) assert.match(String(outcomes[eventId]?.error), /canonical/, text)
})

test('J2: in rooms before version 6 an event may have any number, which other servers get as it was hashed', async () => {
  const eve = await roomWithEve({ room_version: '5' })
  const content = parseJson('{"a":[1.0,1e3,-0.0,1E-7,12345678901234567890]}', 'exact') as JsonObject
  const event = eve.next({ content })
  await eve.taken(event)
  const answer = await signedRequest(peer, alpha.url, ['GET', `v1/event/${event.eventId}`])
  assert.match(await answer.text(), /"a":\[1\.0,1000\.0,-0\.0,1e-07,12345678901234567890\]/)
})

test('J4: an event of exactly 65536 bytes is taken, one byte more is dropped', async () => {
  const eve = await roomWithEve()
  const padded = (bytes: number) => eve.event({ content: { body: 'x'.repeat(bytes) } })
  const overhead = JSON.stringify(padded(1000).pdu).length - 1000
  const exact = padded(65536 - overhead)
  await eve.taken(exact)
  const text = JSON.stringify(exact.pdu).replace('"body":"', '"body":"x')
  const outcomes = await eve.outcomes(text, eve.next())
  assert.equal(Object.values(outcomes).filter(({ error }) => error !== undefined).length, 1)
})

test('A1: an event that its server did not sign is dropped', async () => {
  const eve = await roomWithEve()
  const event = eve.event()
  const { signatures: _, ...unsigned } = event.pdu
  const text = JSON.stringify({
    ...unsigned,
    signatures: { [peer.name]: { 'ed25519:peer': 'A'.repeat(86) } },
  })
  assert.match(String((await eve.outcomes(text))[event.eventId]?.error), /signature/)
  const foreign = eve.event({ sender: '@alice:alpha.test' })
  await eve.dropped(foreign, /signature/)
})

test('A1: while a key cannot be had the sender tries again, and then the event is taken', async () => {
  const eve = await roomWithEve()
  await using dead = await testPeer(121, clock)
  const mallory = new TestMember(dead, alpha.url, 'mallory')
  await mallory.join(eve.roomId)
  // Its key is not known by this name yet, and its server does not answer.
  dead.keys = () => undefined
  const other = { ...dead.key, keyId: 'ed25519:new' }
  const event = new TestMember({ ...dead, key: other }, alpha.url, 'mallory')
  Object.assign(event, {
    roomId: eve.roomId,
    auth: mallory.auth,
    latest: mallory.latest,
    depth: mallory.depth,
  })
  const said = event.next()
  const good = eve.next()
  const refused = await eve.send([said, good], [], 'retry')
  assert.equal(refused.status, 503)
  assert.equal((await seenBy(alice, eve)).at(-1), good.eventId)
  dead.keys = () => keyAnswer(dead.name, [dead.key, other], { until: clock.now() + 3600_000 })
  laterMs += 600_000
  const again = await eve.send([said, good], [], 'retry')
  assert.deepEqual(again, { status: 200, body: { pdus: { [said.eventId]: {}, [good.eventId]: {} } } })
  assert.deepEqual((await seenBy(alice, eve)).slice(-2), [good.eventId, said.eventId])
})

test('A3: of an event that was changed on the way only the redacted form is kept', async () => {
  const eve = await roomWithEve()
  const event = eve.next()
  const changed = JSON.stringify({ ...event.pdu, content: { ...event.pdu.content, body: 'forged' } })
  assert.deepEqual((await eve.outcomes(changed))[event.eventId], {})
  const got = await alice.must('GET', `rooms/${encodeURIComponent(eve.roomId)}/event/${event.eventId}`)
  assert.deepEqual(got.content, {})
})

test('A5: an event that names events of another room is rejected and has no part in the state', async () => {
  const eve = await roomWithEve()
  const elsewhere = await roomWithEve()
  await eve.dropped(eve.event({ prev: [...elsewhere.latest] }), /auth rules/)
  await eve.dropped(eve.event({ prev: [...eve.latest, ...elsewhere.latest] }), /auth rules/)
  await eve.dropped(eve.event({ auth: [...elsewhere.auth] }), /auth rules/)
  await eve.taken(eve.next())
  const members = await alice.must('GET', `rooms/${encodeURIComponent(eve.roomId)}/joined_members`)
  assert.deepEqual(Object.keys(members.joined as JsonObject).sort(), [eve.userId, alice.userId].sort())
})

test('A6: what the room as it is now forbids is stored, out of sight, and no extremity', async () => {
  const eve = await roomWithEve()
  await eve.taken(eve.next())
  await alice.must('POST', `rooms/${encodeURIComponent(eve.roomId)}/ban`, { user_id: eve.userId })
  // She pretends not to know of it.
  const before = await seenBy(alice, eve)
  const sly = eve.next()
  await eve.taken(sly)
  assert.deepEqual(await seenBy(alice, eve), before)
  const stored = await alpha.server.events.one(sly.eventId)
  assert.equal(stored?.standing, 3)
  const room = stored?.room as number
  const head = await alpha.server.rooms.head(room)
  assert.ok(!head?.extremities.has(stored?.number as number))
  await alice.must('PUT', `rooms/${encodeURIComponent(eve.roomId)}/send/m.room.message/x`, { body: 'on' })
})

test('F3: rooms that this server is not in do not keep the rest from being taken', async () => {
  const eve = await roomWithEve()
  const stray = new TestMember(peer, alpha.url)
  Object.assign(stray, { roomId: `!strange:${peer.name}`, auth: [], latest: [], rules: eve.rules })
  const event = stray.event()
  const good = eve.next()
  const outcomes = await eve.outcomes(event, good)
  assert.match(String(outcomes[event.eventId]?.error), /not in the room/)
  assert.deepEqual(outcomes[good.eventId], {})
  assert.equal(eventIdOf(event.pdu, eve.rules, nodeCrypto), event.eventId)
})

test('F5: a server that the room shuts out is not heard there', async () => {
  const eve = await roomWithEve()
  const content = { allow: ['*'], deny: ['127.0.2.120'] }
  await alice.must('PUT', `rooms/${encodeURIComponent(eve.roomId)}/state/m.room.server_acl`, content)
  await eve.dropped(eve.event(), /take part/)
  const room = encodeURIComponent(eve.roomId)
  const event = eve.latest[0] as string
  const shut: [method: string, path: string, body?: JsonObject][] = [
    ['GET', `v1/make_join/${room}/${eve.userId}?ver=12`],
    ['GET', `v1/make_leave/${room}/${eve.userId}`],
    ['GET', `v1/make_knock/${room}/${eve.userId}?ver=12`],
    ['PUT', `v2/send_join/${room}/${event}`, {}],
    ['PUT', `v2/send_leave/${room}/${event}`, {}],
    ['PUT', `v1/send_knock/${room}/${event}`, {}],
    ['GET', `v1/event/${event}`],
    ['GET', `v1/state/${room}?event_id=${event}`],
    ['GET', `v1/state_ids/${room}?event_id=${event}`],
    ['GET', `v1/event_auth/${room}/${event}`],
    ['GET', `v1/backfill/${room}?v=${event}&limit=1`],
    ['POST', `v1/get_missing_events/${room}`, { earliest_events: [], latest_events: [event] }],
  ]
  for (const request of shut) await eve.refused(request, 403, 'M_FORBIDDEN')
  const typing = { edu_type: 'm.typing', content: { room_id: eve.roomId, user_id: eve.userId, typing: true } }
  await eve.send([], [typing])
  const number = (await alpha.server.interning.rooms.existing(alpha.database, eve.roomId)) as number
  assert.deepEqual(alpha.server.views.typing.usersIn(number), [])
})

test('F4: typing and receipts count for users of their own server who are in the room', async () => {
  const eve = await roomWithEve()
  const number = (await alpha.server.interning.rooms.existing(alpha.database, eve.roomId)) as number
  const typing = (userId: string, roomId = eve.roomId) => ({
    edu_type: 'm.typing',
    content: { room_id: roomId, user_id: userId, typing: true },
  })
  const elsewhere = await alice.must('POST', 'createRoom', {})
  const edus = [
    typing(alice.userId),
    typing(`@mallory:${peer.name}`),
    typing(eve.userId, String(elsewhere.room_id)),
    typing(eve.userId),
    { edu_type: 'm.presence', content: {} },
    { edu_type: 'm.typing', content: { room_id: 1 } },
  ]
  assert.equal((await eve.send([], edus as JsonObject[])).status, 200)
  assert.deepEqual(alpha.server.views.typing.usersIn(number), [eve.userId])
})

test('J1: a signed body that is not JSON, or of another shape, is refused', async () => {
  const eve = await roomWithEve()
  const bodies: [body: string, code: string][] = [
    ['', 'M_NOT_JSON'],
    ['{', 'M_NOT_JSON'],
    ['[]', 'M_BAD_JSON'],
    ['{"origin":"x","origin_server_ts":1,"pdus":{}}', 'M_BAD_JSON'],
    ['{"origin":"x","origin_server_ts":1,"pdus":[],"edus":1}', 'M_BAD_JSON'],
  ]
  for (const [index, [body, code]] of bodies.entries()) {
    await eve.refused(['PUT', `v1/send/odd${index}`, body], 400, code)
  }
  assert.equal((await eve.send(['1', 'null', '[]'])).status, 200)
  // The same doors for events by themselves.
  const room = encodeURIComponent(eve.roomId)
  for (const door of ['v2/send_join', 'v2/send_leave', 'v1/send_knock', 'v2/invite']) {
    await eve.refused(['PUT', `${door}/${room}/${eve.latest[0]}`, '{'], 400, 'M_NOT_JSON')
    await eve.refused(['PUT', `${door}/${room}/${eve.latest[0]}`, '[]'], 400, 'M_BAD_JSON')
  }
})

test('J3: an event nested a million levels deep fails alone and holds nothing up', async () => {
  const eve = await roomWithEve()
  const good = eve.next()
  const { pdu } = eve.event({ content: { body: 'CONTENT' } })
  const deep = JSON.stringify(pdu).replace('"CONTENT"', `${'['.repeat(1e6)}${']'.repeat(1e6)}`)
  assert.deepEqual((await eve.outcomes(deep, good))[good.eventId], {})
})

test('F3: a number that is too large keeps out the event that has it, and no other', async () => {
  const eve = await roomWithEve()
  const good = eve.next()
  const { pdu } = eve.event({ content: { body: 'CONTENT' } })
  const huge = JSON.stringify(pdu).replace('"CONTENT"', '1e999')
  assert.deepEqual((await eve.outcomes(huge, good))[good.eventId], {})
})
