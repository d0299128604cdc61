import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalJson } from '../canonical-json.ts'
import type { VerifyKey } from '../crypto.ts'
import { type Json, type JsonObject, utf8Length } from '../json.ts'
import { portableCrypto, portableSigningKey } from '../portable-crypto.ts'
import { type RoomVersionRules, roomVersions } from '../rooms/room-version.ts'
import { buildEvent, countersign, type EventDraft } from './build.ts'
import { eventIdOf, hasValidHash } from './event-id.ts'
import { checkFormat } from './format.ts'
import type { Pdu, RoomEvent } from './pdu.ts'
import { redact, redactionTarget } from './redaction.ts'
import { requiredSignatures, verifyEvent } from './signatures.ts'

const rulesOf = (version: string) => roomVersions.get(version) as RoomVersionRules
const rules = rulesOf('12')
const key = portableSigningKey('ed25519:1', new Uint8Array(32).fill(7))
const otherKey = portableSigningKey('ed25519:2', new Uint8Array(32).fill(8))
const context = { rules, serverName: 'a.test', key, crypto: portableCrypto }
const id = '$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg'
const room = `!${id.slice(1)}`

function draft(changes: Partial<EventDraft> = {}): EventDraft {
  return {
    type: 'm.room.message',
    sender: '@alice:a.test',
    room_id: room,
    content: { body: 'hello' },
    origin_server_ts: 1_700_000_000_000,
    depth: 3,
    prev_events: [id],
    auth_events: [id],
    ...changes,
  }
}

test('A3: an event whose content was changed on the way fails its hash and keeps its ID only when redacted', () => {
  const event = buildEvent(draft(), context)
  assert.ok(hasValidHash(event.pdu, portableCrypto))
  const forged = { ...event.pdu, content: { body: 'goodbye' } }
  assert.equal(hasValidHash(forged, portableCrypto), false)
  assert.equal(eventIdOf(redact(forged, rules), rules, portableCrypto), event.eventId)
  for (const sha256 of ['', 'AAAA', `${event.pdu.hashes.sha256}AA`]) {
    assert.equal(hasValidHash({ ...event.pdu, hashes: { sha256 } }, portableCrypto), false)
  }
})

test('the room ID of version 12 is the ID of the create event', () => {
  const create = draft({ type: 'm.room.create', state_key: '', prev_events: [], auth_events: [], depth: 1 })
  delete create.room_id
  const event = buildEvent(create, context)
  assert.equal(event.roomId, `!${event.eventId.slice(1)}`)
  assert.equal(Object.hasOwn(event.pdu, 'room_id'), false)
})

test('a redaction names its target where its version puts it', () => {
  const both = {
    ...buildEvent(draft(), context).pdu,
    type: 'm.room.redaction',
    redacts: '$a',
    content: { redacts: '$b' },
  }
  assert.equal(redactionTarget(both, rulesOf('10')), '$a')
  assert.equal(redactionTarget(both, rulesOf('11')), '$b')
  assert.equal(redactionTarget({ ...both, content: { redacts: 5 } }, rules), undefined)
  assert.equal(redactionTarget({ ...both, type: 'm.room.message' }, rules), undefined)
})

test('A1: an event needs a right signature of its sender, and no wrong one by a known key', () => {
  const event = buildEvent(draft(), context)
  const keys = (...known: VerifyKey[]) => new Map([['a.test', known]])
  const verify = (changed: RoomEvent, known: VerifyKey[]) =>
    verifyEvent(changed, rules, keys(...known), portableCrypto)
  assert.ok(verify(event, [key]))
  assert.ok(verify(event, [key, otherKey]))
  assert.equal(verify(event, []), false)
  assert.equal(verify(event, [otherKey]), false)
  assert.equal(verify(event, [{ ...otherKey, keyId: key.keyId }]), false)
  const twice = countersign(event, { ...context, key: otherKey })
  assert.ok(verify(twice, [key, otherKey]))
  assert.equal(verify(twice, [key, { ...key, keyId: otherKey.keyId }]), false)
  assert.equal(verify({ ...event, pdu: { ...event.pdu, depth: 4 } }, [key]), false)
  assert.ok(verify({ ...event, pdu: { ...event.pdu, unsigned: { age: 1 } } }, [key]))
})

test('a join that another server vouches for needs both signatures, a third-party invite none', () => {
  const member = (content: JsonObject) => ({ pdu: draft({ type: 'm.room.member', content }) as Pdu })
  assert.deepEqual(requiredSignatures(member({ membership: 'join' }), rules), ['a.test'])
  const vouched = { membership: 'join', join_authorised_via_users_server: '@bob:b.test' }
  assert.deepEqual(requiredSignatures(member(vouched), rules), ['a.test', 'b.test'])
  assert.deepEqual(requiredSignatures(member({ membership: 'invite', third_party_invite: {} }), rules), [])
  assert.deepEqual(requiredSignatures(member({ membership: 'ban', third_party_invite: {} }), rules), [
    'a.test',
  ])
})

test('J4: an event of exactly 65,536 bytes is accepted, one more is M_TOO_LARGE; unsigned does not count', () => {
  const { pdu } = buildEvent(draft({ content: { body: '' } }), context)
  const left = 65_536 - utf8Length(canonicalJson(pdu as JsonObject))
  const sized = (body: string) => checkFormat({ ...pdu, content: { body } }, rules)
  sized('x'.repeat(left))
  assert.throws(() => sized('x'.repeat(left + 1)), { code: 'M_TOO_LARGE' })
  assert.throws(() => sized('é'.repeat(left / 2 + 1)), { code: 'M_TOO_LARGE' })
  checkFormat({ ...pdu, content: { body: 'x'.repeat(left) }, unsigned: { a: 'x'.repeat(1000) } }, rules)
  assert.throws(() => buildEvent(draft({ content: { body: 'x'.repeat(65_536) } }), context), {
    code: 'M_TOO_LARGE',
  })
})

test('J5: type, state_key, sender and room_id end at 255 bytes', () => {
  const longest = { type: 'é'.repeat(127), state_key: 'x'.repeat(255), event_id: `$${'x'.repeat(254)}` }
  const { pdu } = buildEvent(draft(), context)
  for (const [field, value] of Object.entries(longest)) {
    checkFormat({ ...pdu, [field]: value }, rules)
    assert.throws(() => checkFormat({ ...pdu, [field]: `${value}é` }, rules), { code: 'M_TOO_LARGE' }, field)
  }
  const sender = `@${'a'.repeat(250)}:b.test`
  assert.throws(() => checkFormat({ ...pdu, sender }, rules), { code: 'M_TOO_LARGE' })
  assert.throws(() => checkFormat({ ...pdu, room_id: `!${'a'.repeat(250)}:b.test` }, rules), {
    code: 'M_TOO_LARGE',
  })
})

test('J6: fields that are missing or of a wrong type are refused', () => {
  const { pdu } = buildEvent(draft(), context)
  const required = ['type', 'sender', 'room_id', 'content', 'origin_server_ts', 'depth', 'prev_events']
  for (const field of [...required, 'auth_events', 'hashes', 'signatures']) {
    for (const value of [undefined, null, true, 1.5, [1], { a: 1 }]) {
      if (
        (field === 'content' && value?.constructor === Object) ||
        (field === 'hashes' && value === undefined)
      )
        continue
      const broken = { ...pdu, [field]: value }
      if (value === undefined) delete broken[field]
      assert.throws(() => checkFormat(broken, rules), { code: 'M_BAD_JSON' }, `${field}: ${value}`)
    }
  }
  const odd = {
    state_key: 5,
    unsigned: [],
    depth: -1,
    hashes: {},
    sender: 'alice',
    room_id: 'room',
    event_id: 7,
  }
  for (const [field, value] of Object.entries(odd)) {
    assert.throws(() => checkFormat({ ...pdu, [field]: value }, rules), { code: 'M_BAD_JSON' }, field)
  }
  assert.throws(() => checkFormat({ ...pdu, depth: 2 ** 53 }, rules), { code: 'M_BAD_JSON' })
  checkFormat({ ...pdu, depth: 2 ** 53 - 1 }, rules)
  for (const value of [null, [], 'x', 5])
    assert.throws(() => checkFormat(value, rules), { code: 'M_BAD_JSON' })
})

test('J6: 20 previous events and 10 auth events are the most, and each must be an event ID', () => {
  const { pdu } = buildEvent(draft(), context)
  checkFormat({ ...pdu, prev_events: Array(20).fill(id), auth_events: Array(10).fill(id) }, rules)
  for (const broken of [
    { prev_events: Array(21).fill(id) },
    { auth_events: Array(11).fill(id) },
    { prev_events: ['$a:b'] },
    { auth_events: [[id, {}]] },
  ]) {
    assert.throws(() => checkFormat({ ...pdu, ...broken }, rules), { code: 'M_BAD_JSON' })
  }
})

test('J6: in room versions 1 and 2 events are named with a hash beside the ID, which Synapse leaves out at times', () => {
  const first = rulesOf('1')
  const named = (reference: Json) =>
    checkFormat(
      {
        ...draft(),
        event_id: '$b:b',
        hashes: { sha256: '' },
        signatures: {},
        prev_events: [],
        auth_events: [reference],
      },
      first,
    )
  for (const hashes of [{}, { sha256: 'x' }] as JsonObject[]) named(['$a:b', hashes])
  for (const broken of [
    '$a:b',
    ['$a:b'],
    [id, {}],
    ['$a:b', 'x'],
    ['$a:b', { sha256: 5 }],
    ['$a:b', {}, 0],
  ]) {
    assert.throws(() => named(broken as Json), { code: 'M_BAD_JSON' })
  }
})

test('J2 and J3: what canonical JSON cannot hold, and too deep a nesting, is M_BAD_JSON', () => {
  let deep: JsonObject = {}
  for (let i = 0; i < 126; i++) deep = { a: deep }
  buildEvent(draft({ content: deep }), context)
  for (const content of [{ a: 0.5 }, { a: 2 ** 53 }, { a: '\ud800' }, { a: deep }]) {
    assert.throws(() => buildEvent(draft({ content }), context), { code: 'M_BAD_JSON' })
  }
})

test('J7: a NUL is legal in any string', () => {
  const event = buildEvent(draft({ type: 'a\0b', state_key: '\0', content: { '\0': '\0' } }), context)
  assert.deepEqual(JSON.parse(canonicalJson(event.pdu as JsonObject)), event.pdu)
})

test('J9: a content key __proto__ is hashed and kept like any other', () => {
  const content: JsonObject = JSON.parse('{"__proto__":{"a":1}}')
  const event = buildEvent(draft({ content }), context)
  assert.notEqual(event.pdu.hashes.sha256, buildEvent(draft({ content: {} }), context).pdu.hashes.sha256)
  assert.ok(Object.hasOwn(event.pdu.content, '__proto__'))
})
