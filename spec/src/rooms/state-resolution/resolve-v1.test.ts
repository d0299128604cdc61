import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { RoomEvent } from '../../events/pdu.ts'
import { portableCrypto } from '../../portable-crypto.ts'
import { alice, type EventInput, testRoom } from '../test-room.ts'
import { resolveFirst } from './resolve-v1.ts'
import { sha1 } from './sha1.ts'
import { keyOfEvent } from './source.ts'

const bob = '@bob:b.test'
const carol = '@carol:c.test'

/** A public room in which alice has level 100 and bob 50. What is not among the forks is shared. */
function scene() {
  const room = testRoom('10')
  const event = (input: EventInput) => room.event({ state_key: '', ...input })
  const member = (userId: string, membership: string, depth: number) =>
    event({ type: 'm.room.member', sender: userId, state_key: userId, content: { membership }, depth })
  const ban = (target: string, sender: string, depth: number) =>
    event({ type: 'm.room.member', sender, state_key: target, content: { membership: 'ban' }, depth })
  const levels = (sender: string, depth: number, users: Record<string, number>) =>
    event({ type: 'm.room.power_levels', sender, content: { users }, depth })
  const topic = (sender: string, depth: number, origin_server_ts = 0) =>
    event({ type: 'm.room.topic', sender, depth, origin_server_ts })
  const first = levels(alice, 3, { [alice]: 100, [bob]: 50 })
  const joinRule = event({ type: 'm.room.join_rules', content: { join_rule: 'public' }, depth: 4 })
  const base = [room.create, member(alice, 'join', 2), first, joinRule, member(bob, 'join', 5)]
  const resolved = (...forks: RoomEvent[][]) => {
    const all = new Map([...base, ...forks.flat()].map((one) => [one.eventId, one]))
    const keys = [...new Set(forks.flat().map(keyOfEvent))]
    const held = new Map(base.map((one) => [keyOfEvent(one), one.eventId]))
    const found = resolveFirst({
      rules: room.rules,
      crypto: portableCrypto,
      forks: forks.map((fork) => keys.map((key) => fork.find((one) => keyOfEvent(one) === key))),
      shared: (type, stateKey) => held.get(`${type}\0${stateKey}`),
      event: (id) => all.get(id),
    })
    return found.map(({ eventId }) => eventId).sort()
  }
  const ids = (...events: RoomEvent[]) => events.map(({ eventId }) => eventId).sort()
  return { member, ban, levels, topic, resolved, ids }
}

test('A7: version 1: power levels follow each other from the least depth on, until one is not allowed', () => {
  const { levels, resolved, ids } = scene()
  const old = levels(alice, 6, { [alice]: 100, [bob]: 50 })
  const demotion = levels(alice, 7, { [alice]: 100 })
  const coup = levels(bob, 8, { [alice]: 100, [bob]: 50, [carol]: 50 })
  assert.deepEqual(resolved([old], [demotion]), ids(demotion))
  assert.deepEqual(resolved([old], [coup]), ids(coup), 'bob may give what he has')
  assert.deepEqual(resolved([old], [demotion], [coup]), ids(demotion), 'who lost the power cannot use it')
})

test('A7: version 1: members are judged by the power levels that won, topics by the members', () => {
  const { levels, member, ban, topic, resolved, ids } = scene()
  const old = levels(alice, 6, { [alice]: 100, [bob]: 50 })
  const demotion = levels(alice, 7, { [alice]: 100 })
  const joins = member(carol, 'join', 6)
  const banned = ban(carol, bob, 9)
  assert.deepEqual(resolved([joins], [banned]), ids(banned))
  assert.deepEqual(resolved([old, joins], [demotion, banned]), ids(demotion, joins))

  const [byAlice, byBob] = [topic(alice, 6), topic(bob, 9)]
  assert.deepEqual(resolved([byAlice], [byBob]), ids(byBob), 'the deepest that is allowed')
  assert.deepEqual(resolved([old, byAlice], [demotion, byBob]), ids(demotion, byAlice))
  const leaves = member(bob, 'leave', 7)
  const returns = member(bob, 'join', 6)
  assert.deepEqual(resolved([returns, byAlice], [leaves, byBob]), ids(leaves, byAlice))
})

test('A7: version 1: an entry that only some forks have is no conflict', () => {
  const { member, topic, resolved, ids } = scene()
  const [joins, byCarol] = [member(carol, 'join', 6), topic(carol, 7)]
  assert.deepEqual(resolved([joins], []), ids(joins))
  assert.deepEqual(
    resolved([joins, byCarol], [joins], []),
    ids(joins, byCarol),
    'although carol has no power',
  )
})

test('A7: version 1: where nothing is allowed, the topic of least depth stays', () => {
  const { topic, resolved, ids } = scene()
  const [one, other] = [topic(carol, 6), topic(carol, 7)]
  assert.deepEqual(resolved([one], [other]), ids(one))
})

test('A7: version 1: events of one depth are ordered by the SHA-1 of their IDs', () => {
  const { topic, resolved, ids } = scene()
  const topics = Array.from({ length: 20 }, (_, index) => topic(alice, 6, index))
  assert.equal(new Set(ids(...topics)).size, 20)
  const lowest = topics.toSorted((x, y) => (sha1(x.eventId) < sha1(y.eventId) ? -1 : 1))[0] as RoomEvent
  assert.deepEqual(resolved(...topics.map((one) => [one])), ids(lowest))
})

test('our SHA-1 is that of others', () => {
  for (const text of [
    '',
    'abc',
    '$event:a.test',
    'ä'.repeat(27),
    'x'.repeat(55),
    'x'.repeat(56),
    'x'.repeat(200),
  ]) {
    assert.equal(sha1(text), createHash('sha1').update(text).digest('hex'))
  }
})
