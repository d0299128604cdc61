import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { buildEvent, countersign } from '@kith/spec/events/build'
import type { RoomEvent } from '@kith/spec/events/pdu'
import type { JsonObject } from '@kith/spec/json'
import { roomVersions } from '@kith/spec/rooms/room-version'
import { nodeCrypto, signingKeyFromSeed } from '../../platform/crypto.ts'
import { scratchDatabase } from '../../platform/scratch-database.ts'
import { type TestPeer, testFederation, testPeer } from './test-peer.ts'

const database = await scratchDatabase()
after(() => database[Symbol.asyncDispose]())
const rules = roomVersions.get('11')
assert.ok(rules)

/** A message of a user of `peer`, or an event of another type, signed with its key unless with another. */
function eventOf(
  peer: TestPeer,
  changes: { at: number; content?: JsonObject; type?: string },
  key = peer.key,
): RoomEvent {
  assert.ok(rules)
  const sender = `@user:${peer.name}`
  const state = changes.type === 'm.room.member' ? { state_key: sender } : {}
  const draft = {
    type: changes.type ?? 'm.room.message',
    ...state,
    sender,
    room_id: `!room:${peer.name}`,
    content: changes.content ?? { body: 'x' },
    origin_server_ts: changes.at,
    depth: 5,
    prev_events: [`$${'A'.repeat(43)}`],
    auth_events: [`$${'B'.repeat(42)}A`],
  }
  return buildEvent(draft, { rules, serverName: peer.name, key, crypto: nodeCrypto })
}

test("A1: an event counts only with a signature of its sender's server by a key valid at its time", async () => {
  const time = { now: Date.now() }
  await using peer = await testPeer(31, { now: () => time.now })
  await using federation = testFederation({ database, time })
  const now = time.now
  const forger = signingKeyFromSeed(peer.key.keyId, new Uint8Array(32).fill(160))
  const good = eventOf(peer, { at: now })
  const { signatures: _, ...unsigned } = good.pdu
  const verdicts = await federation.verifyEvents(
    [
      good,
      eventOf(peer, { at: now - 1e10 }),
      { ...good, pdu: { ...good.pdu, depth: 6 } },
      eventOf(peer, { at: now }, forger),
      { ...good, pdu: { ...unsigned, signatures: {} } },
      {
        ...good,
        pdu: { ...unsigned, signatures: { 'other.example': good.pdu.signatures[peer.name] ?? {} } },
      },
      eventOf(peer, { at: now + 8 * 24 * 3600_000 }),
    ],
    { rules },
  )
  const expected = ['valid', 'valid', 'invalid', 'invalid', 'invalid', 'invalid', 'invalid']
  assert.deepEqual(verdicts, expected)
  assert.equal(peer.keyRequests, 1)
})

test('A1: an event whose key cannot be had is neither valid nor invalid, and bars no other', async () => {
  const time = { now: Date.now() }
  await using down = await testPeer(32, { now: () => time.now })
  await using up = await testPeer(33, { now: () => time.now })
  await using federation = testFederation({ database, time })
  const keys = down.keys
  down.keys = () => undefined
  const events = [eventOf(down, { at: time.now }), eventOf(up, { at: time.now })]
  assert.deepEqual(await federation.verifyEvents(events, { rules }), ['unavailable', 'valid'])
  down.keys = keys
  time.now += 30_000
  assert.deepEqual(await federation.verifyEvents(events, { rules }), ['valid', 'valid'])
})

test('A1: a restricted join needs the signature of the server that vouches for it, too', async () => {
  const time = { now: Date.now() }
  await using peer = await testPeer(34, { now: () => time.now })
  await using voucher = await testPeer(35, { now: () => time.now })
  await using federation = testFederation({ database, time })
  assert.ok(rules)
  const content = { membership: 'join', join_authorised_via_users_server: `@admin:${voucher.name}` }
  const join = eventOf(peer, { at: time.now, type: 'm.room.member', content })
  const vouched = countersign(join, { rules, serverName: voucher.name, key: voucher.key })
  assert.deepEqual(await federation.verifyEvents([join, vouched], { rules }), ['invalid', 'valid'])
  voucher.keys = () => undefined
  await using fresh = testFederation({ database, time })
  assert.deepEqual(await fresh.verifyEvents([join, vouched], { rules }), ['invalid', 'valid'])
})

test('a large batch lets others have their turn', async () => {
  const time = { now: Date.now() }
  await using peer = await testPeer(36, { now: () => time.now })
  await using federation = testFederation({ database, time })
  const event = eventOf(peer, { at: time.now })
  await federation.verifyEvents([event], { rules })
  let turns = 0
  const counting = setInterval(() => {
    turns += 1
  }, 1)
  await federation.verifyEvents(
    Array.from({ length: 1500 }, () => event),
    { rules },
  )
  clearInterval(counting)
  assert.ok(turns >= 3, `${turns} turns`)
})
