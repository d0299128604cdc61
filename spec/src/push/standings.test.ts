import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { JsonObject } from '../json.ts'
import { cpuTimeMs } from '../test-cpu-time.ts'
import { compileRules } from './compile-rules.ts'
import { evaluate } from './evaluate.ts'
import { FlatEvent } from './flat-event.ts'
import { classEffects, everySituation, situationOf, situations } from './rule-classes.ts'
import { noStoredRules, type PushRule, type Ruleset, rulesetOf, type StoredRules, whoever } from './rules.ts'
import { standingIn, standingsOf } from './standings.ts'

const room = '!room:kith.test'
const { betweenTwo, call } = situations

const rule = (rule_id: string, parts: Partial<PushRule> = {}): PushRule => ({
  rule_id,
  default: false,
  enabled: true,
  actions: [],
  ...parts,
})
const rules = (own: Partial<Ruleset>, changed: StoredRules['changed'] = []) =>
  rulesetOf(whoever, { own: { ...noStoredRules.own, ...own }, changed })
const inRoom = { kind: 'event_match', key: 'room_id', pattern: room }
const quietly = (...ids: string[]) => ids.map((rule_id) => ({ rule_id, actions: [] }))

const cases: [what: string, rules: Ruleset, here: [string, number], elsewhere: [string, number]][] = [
  ['nothing', rules({}), ['all', 0], ['all', 0]],
  ['a room muted', rules({ override: [rule(room, { conditions: [inRoom] })] }), ['muted', 0], ['all', 0]],
  ['a room for mentions only', rules({ room: [rule(room)] }), ['mentions', 0], ['all', 0]],
  ['everything off', rules({}, [{ rule_id: '.m.rule.master', enabled: true }]), ['muted', 0], ['muted', 0]],
  [
    'another sound',
    rules({}, [{ rule_id: '.m.rule.message', actions: ['notify', { set_tweak: 'sound', value: 'x' }] }]),
    ['all', 0],
    ['all', 0],
  ],
  [
    'only mentions in groups',
    rules({}, quietly('.m.rule.message', '.m.rule.encrypted')),
    ['mentions', betweenTwo | call],
    ['mentions', betweenTwo | call],
  ],
  [
    'only mentions anywhere',
    rules(
      {},
      quietly(
        '.m.rule.call',
        '.m.rule.message',
        '.m.rule.encrypted',
        '.m.rule.room_one_to_one',
        '.m.rule.encrypted_room_one_to_one',
      ),
    ),
    ['mentions', 0],
    ['mentions', 0],
  ],
  ['no calls', rules({}, [{ rule_id: '.m.rule.call', enabled: false }]), ['all', call], ['all', call]],
  [
    'a keyword',
    rules({ content: [rule('x', { pattern: 'x', actions: ['notify'] })] }),
    ['all', everySituation],
    ['all', everySituation],
  ],
  [
    'a keyword, and a room for mentions only',
    rules({ content: [rule('x', { pattern: 'x', actions: ['notify'] })], room: [rule(room)] }),
    ['mentions', everySituation],
    ['all', everySituation],
  ],
  [
    'a keyword, and a room muted',
    rules({
      content: [rule('x', { pattern: 'x', actions: ['notify'] })],
      override: [rule(room, { conditions: [inRoom] })],
    }),
    ['muted', 0],
    ['all', everySituation],
  ],
  ['a room rule that is off', rules({ room: [rule(room, { enabled: false })] }), ['all', 0], ['all', 0]],
  [
    'a small room muted',
    rules({ override: [rule('x', { conditions: [inRoom, { kind: 'room_member_count', is: '2' }] })] }),
    ['all', betweenTwo | call],
    ['all', 0],
  ],
  [
    'rooms by a pattern',
    rules({ override: [rule('x', { conditions: [{ ...inRoom, pattern: '!r*' }] })] }),
    ['all', everySituation],
    ['all', everySituation],
  ],
]
for (const [what, set, here, elsewhere] of cases) {
  test(`rules of ${what} come to ${here[0]} here and ${elsewhere[0]} elsewhere`, () => {
    const told = (roomId: string) => {
      const { class: ruleClass, singly } = standingIn(standingsOf(set), roomId)
      return [ruleClass, singly]
    }
    assert.deepEqual([told(room), told('!other:kith.test')], [here, elsewhere])
  })
}

test('J11: rules without end for rooms without end are told in less than 50 ms', () => {
  const many = (make: (index: number) => PushRule) => Array.from({ length: 5000 }, (_, index) => make(index))
  const hostile = rules({
    override: many((index) =>
      rule(`${index}`, { conditions: [{ kind: 'event_match', key: `${index}`, pattern: 'x' }] }),
    ),
    room: many((index) => rule(`!${index}:kith.test`)),
  })
  const took = Math.min(...Array.from({ length: 3 }, () => cpuTimeMs(() => standingsOf(hostile))))
  assert.ok(took < 50, `${took} ms`)
  const rooms = rules({ room: many((index) => rule(`!${index}:kith.test`)) })
  assert.deepEqual(standingIn(standingsOf(rooms), '!7:kith.test'), { class: 'mentions', singly: 0 })
})

const condition = fc.constantFrom(
  inRoom,
  { ...inRoom, pattern: '!other:kith.test' },
  { kind: 'event_match', key: 'type', pattern: 'm.room.message' },
  { kind: 'event_match', key: 'type', pattern: 'm.call.invite' },
  { kind: 'event_match', key: 'content.body', pattern: 'cake' },
  { kind: 'room_member_count', is: '2' },
  { kind: 'room_member_count', is: '>2' },
  { kind: 'sender_notification_permission', key: 'room' },
  { kind: 'unknown' },
)
const actions = fc.constantFrom<PushRule['actions'][]>([], ['notify'], ['notify', { set_tweak: 'highlight' }])
const ownRule = fc.record({
  rule_id: fc.constant('mine'),
  default: fc.constant(false),
  enabled: fc.boolean(),
  actions,
  conditions: fc.array(condition, { maxLength: 2 }),
})
const roomRule = fc.record({
  rule_id: fc.constantFrom(room, '!other:kith.test'),
  default: fc.constant(false),
  enabled: fc.boolean(),
  actions,
})
const change = fc.record({
  rule_id: fc.constantFrom(
    '.m.rule.master',
    '.m.rule.message',
    '.m.rule.room_one_to_one',
    '.m.rule.call',
    '.m.rule.suppress_notices',
  ),
  enabled: fc.boolean(),
  actions,
})
const ruleset = fc
  .record({
    override: fc.array(ownRule, { maxLength: 2 }),
    room: fc.array(roomRule, { maxLength: 1 }),
    underride: fc.array(ownRule, { maxLength: 1 }),
    changed: fc.uniqueArray(change, { maxLength: 3, selector: ({ rule_id }) => rule_id }),
  })
  .map(({ changed, ...own }) => rules(own, changed))
const event = fc
  .record({
    type: fc.constantFrom(
      'm.room.message',
      'm.room.encrypted',
      'm.call.invite',
      'm.reaction',
      'm.room.tombstone',
    ),
    state_key: fc.constantFrom(undefined, ''),
    content: fc.constantFrom<JsonObject[]>(
      { body: 'hello' },
      { body: 'cake', 'm.mentions': { room: true } },
      { msgtype: 'm.notice', body: 'cake' },
      { 'm.relates_to': { rel_type: 'm.replace' } },
    ),
  })
  .map((parts) => ({
    eventId: '$event',
    roomId: room,
    pdu: {
      ...parts,
      sender: '@bob:kith.test',
      origin_server_ts: 1,
      depth: 7,
      prev_events: [],
      auth_events: [],
      hashes: { sha256: '' },
      signatures: {},
    },
  }))

const scene = fc.record({
  set: ruleset,
  event,
  memberCount: fc.integer({ min: 1, max: 4 }),
  senderPower: fc.constantFrom(0, 50),
})

test('whoever is not looked at singly fares as their class does', () => {
  const check = fc.property(scene, ({ set, event, memberCount, senderPower }) => {
    const { state_key, ...rest } = event.pdu
    const pdu = state_key === undefined ? rest : { ...rest, state_key }
    const flat = new FlatEvent({ ...event, pdu })
    const context = { userId: '@alice:kith.test', memberCount, senderPower, notificationLevel: () => 50 }
    const standing = standingIn(standingsOf(set), room)
    if (standing.singly & situationOf(pdu.type, memberCount)) return
    const { notify, highlight } = evaluate(compileRules(set), flat, context)
    const expected = classEffects(flat, context)[standing.class]
    assert.deepEqual({ notify, highlight }, { notify: expected.notify, highlight: expected.highlight })
  })
  fc.assert(check, { numRuns: 3000 })
})
