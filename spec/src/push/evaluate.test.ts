import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pdu, RoomEvent } from '../events/pdu.ts'
import { cpuTimeMs } from '../test-cpu-time.ts'
import { compileRules, type Outcome } from './compile-rules.ts'
import type { PushContext } from './conditions.ts'
import { evaluate as evaluateCompiled } from './evaluate.ts'
import { FlatEvent } from './flat-event.ts'
import {
  type Condition,
  noStoredRules,
  type PushRule,
  type RuleKind,
  type Ruleset,
  rulesetOf,
} from './rules.ts'

const alice = '@alice:kith.test'
const bob = '@bob:kith.test'
const room = '!room:kith.test'

const context: PushContext = {
  userId: alice,
  displayName: 'Alice (work)',
  memberCount: 5,
  senderPower: 0,
  notificationLevel: (key) => (key === 'room' ? 50 : 10),
}

const evaluate = (rules: Ruleset, event: RoomEvent, context: PushContext) =>
  evaluateCompiled(compileRules(rules), new FlatEvent(event), context)

function event(parts: Partial<Pdu>): RoomEvent {
  const pdu: Pdu = {
    type: 'm.room.message',
    sender: bob,
    content: { msgtype: 'm.text', body: 'hello' },
    origin_server_ts: 1,
    depth: 7,
    prev_events: [],
    auth_events: [],
    hashes: { sha256: '' },
    signatures: {},
    ...parts,
  }
  return { eventId: '$event', roomId: room, pdu }
}

const quiet: Outcome = { notify: false, highlight: false }
const plain: Outcome = { notify: true, highlight: false }
const loud: Outcome = { notify: true, highlight: false, sound: 'default' }

const byDefault: [what: string, parts: Partial<Pdu>, change: Partial<PushContext>, outcome: Outcome][] = [
  ['a message', {}, {}, plain],
  ['a message between two', {}, { memberCount: 2 }, loud],
  ['an encrypted message', { type: 'm.room.encrypted', content: {} }, {}, plain],
  ['an encrypted message between two', { type: 'm.room.encrypted', content: {} }, { memberCount: 2 }, loud],
  ['a call', { type: 'm.call.invite', content: {} }, {}, { ...plain, sound: 'ring' }],
  ['a notice', { content: { msgtype: 'm.notice', body: '' } }, {}, quiet],
  ['an own message', { sender: alice }, {}, quiet],
  [
    'an invite of oneself',
    { type: 'm.room.member', state_key: alice, content: { membership: 'invite' } },
    {},
    loud,
  ],
  [
    'an invite of another',
    { type: 'm.room.member', state_key: '@c:d', content: { membership: 'invite' } },
    {},
    quiet,
  ],
  ['a join', { type: 'm.room.member', state_key: bob, content: { membership: 'join' } }, {}, quiet],
  ['a mention', { content: { 'm.mentions': { user_ids: [bob, alice] } } }, {}, { ...loud, highlight: true }],
  ['a name in the text alone', { content: { body: 'alice, Alice (work)' } }, {}, plain],
  ['a mention of another', { content: { 'm.mentions': { user_ids: [bob] } } }, {}, plain],
  [
    'a mention of all',
    { content: { 'm.mentions': { room: true } } },
    { senderPower: 50 },
    { ...plain, highlight: true },
  ],
  [
    'a mention of all without power',
    { content: { 'm.mentions': { room: true } } },
    { senderPower: 49 },
    plain,
  ],
  [
    'a mention of all that is no boolean',
    { content: { 'm.mentions': { room: 1 } } },
    { senderPower: 50 },
    plain,
  ],
  ['an upgrade', { type: 'm.room.tombstone', state_key: '', content: {} }, {}, { ...plain, highlight: true }],
  ['a tombstone that is no state', { type: 'm.room.tombstone', content: {} }, {}, quiet],
  ['a reaction', { type: 'm.reaction', content: {} }, { memberCount: 2 }, quiet],
  ['a server ACL', { type: 'm.room.server_acl', state_key: '', content: {} }, {}, quiet],
  ['an edit', { content: { body: '* hi', 'm.relates_to': { rel_type: 'm.replace' } } }, {}, quiet],
  ['something else', { type: 'org.example', content: {} }, {}, quiet],
]
for (const [what, parts, change, outcome] of byDefault) {
  test(`by default ${what} ${outcome.notify ? 'notifies' : 'is silent'}`, () => {
    assert.deepEqual(
      evaluate(rulesetOf(alice, noStoredRules), event(parts), { ...context, ...change }),
      outcome,
    )
  })
}

function withRule(kind: RuleKind, parts: Partial<PushRule>) {
  const rule: PushRule = { rule_id: 'mine', default: false, enabled: true, actions: [], ...parts }
  return rulesetOf(alice, { ...noStoredRules, own: { ...noStoredRules.own, [kind]: [rule] } })
}

const topic: Partial<Pdu> = {
  type: 'm.room.topic',
  state_key: '',
  content: {
    topic: 'Lunch plans',
    'm.federate': true,
    'a.b\\c': { d: null },
    list: ['x', 2, null, { y: 1 }],
    big: 9007199254740991,
    body: 'Alice (work) is here',
  },
}

const conditions: [condition: Condition, holds: boolean][] = [
  [{ kind: 'event_match', key: 'content.topic', pattern: 'lunc?*' }, true],
  [{ kind: 'event_match', key: 'content.topic', pattern: 'lunch' }, false],
  [{ kind: 'event_match', key: 'content.body', pattern: 'here' }, true],
  [{ kind: 'event_match', key: 'content.absent', pattern: '*' }, false],
  [{ kind: 'event_match', key: 'content.m\\.federate', pattern: '*' }, false],
  [{ kind: 'event_match', key: 'room_id', pattern: room }, true],
  [{ kind: 'event_match', key: 'event_id', pattern: '$event' }, true],
  [{ kind: 'event_match', key: 'content.constructor.name', pattern: '*' }, false],
  [{ kind: 'event_match', key: 'content.topic.length', pattern: '*' }, false],
  [{ kind: 'event_match', key: 'content.topic' }, false],
  [{ kind: 'event_property_is', key: 'content.m\\.federate', value: true }, true],
  [{ kind: 'event_property_is', key: 'content.m\\.federate', value: 'true' }, false],
  [{ kind: 'event_property_is', key: 'content.m\\.federate', value: 1 }, false],
  [{ kind: 'event_property_is', key: 'content.a\\.b\\\\c.d', value: null }, true],
  [{ kind: 'event_property_is', key: 'content.absent', value: null }, false],
  [{ kind: 'event_property_is', key: 'content.big', value: 9007199254740991 }, true],
  [{ kind: 'event_property_is', key: 'content.absent' }, false],
  [{ kind: 'event_property_contains', key: 'content.list', value: 2 }, true],
  [{ kind: 'event_property_contains', key: 'content.list', value: null }, true],
  [{ kind: 'event_property_contains', key: 'content.list', value: 'X' }, false],
  [{ kind: 'event_property_contains', key: 'content.topic', value: 'L' }, false],
  [{ kind: 'contains_display_name' }, true],
  [{ kind: 'room_member_count', is: '5' }, true],
  [{ kind: 'room_member_count', is: '==5' }, true],
  [{ kind: 'room_member_count', is: '<5' }, false],
  [{ kind: 'room_member_count', is: '<=5' }, true],
  [{ kind: 'room_member_count', is: '>4' }, true],
  [{ kind: 'room_member_count', is: '>=6' }, false],
  [{ kind: 'room_member_count', is: '= 5' }, false],
  [{ kind: 'room_member_count' }, false],
  [{ kind: 'sender_notification_permission', key: 'room' }, false],
  [{ kind: 'org.example.unknown' }, false],
]
for (const [condition, holds] of conditions) {
  test(`${JSON.stringify(condition)} ${holds ? 'holds' : 'does not hold'}`, () => {
    const rules = withRule('override', { conditions: [condition], actions: ['notify'] })
    assert.equal(evaluate(rules, event(topic), context).notify, holds)
  })
}

test('a display name is found as it is written, between word boundaries', () => {
  const rules = withRule('override', { conditions: [{ kind: 'contains_display_name' }], actions: [] })
  const notifies = (body: string, displayName?: string) =>
    evaluate(rules, event({ content: { body } }), { ...context, displayName }).notify
  assert.equal(notifies('hi a*', 'a*'), false)
  assert.equal(notifies('hi ab', 'a*'), true)
  assert.equal(notifies('hi ab', ''), true)
  assert.equal(notifies('hi ab', undefined), true)
})

test('rules of a room, a sender and a word apply to just these', () => {
  const applies = (kind: RuleKind, parts: Partial<PushRule>) =>
    evaluate(withRule(kind, parts), event({}), context).notify === false
  assert.equal(applies('room', { rule_id: room }), true)
  assert.equal(applies('room', { rule_id: '!other:kith.test' }), false)
  assert.equal(applies('sender', { rule_id: bob }), true)
  assert.equal(applies('sender', { rule_id: alice }), false)
  assert.equal(applies('content', { pattern: 'HELLO' }), true)
  assert.equal(applies('content', { pattern: 'hell' }), false)
})

test('a disabled rule never matches, an enabled master rule silences all', () => {
  const disabled = withRule('override', { enabled: false, conditions: [] })
  assert.equal(evaluate(disabled, event({}), context).notify, true)
  const muted = rulesetOf(alice, {
    ...noStoredRules,
    changed: [{ rule_id: '.m.rule.master', enabled: true }],
  })
  assert.deepEqual(
    evaluate(muted, event({ content: { 'm.mentions': { user_ids: [alice] } } }), context),
    quiet,
  )
})

test('tweaks count only with notify, a highlight may be denied, old and unknown actions are ignored', () => {
  const outcome = (actions: PushRule['actions']) =>
    evaluate(withRule('override', { conditions: [], actions }), event({}), context)
  assert.deepEqual(outcome([{ set_tweak: 'highlight' }]), quiet)
  assert.deepEqual(outcome(['notify', { set_tweak: 'highlight', value: false }]), plain)
  assert.deepEqual(outcome(['notify', { set_tweak: 'highlight', value: true }]), {
    ...plain,
    highlight: true,
  })
  assert.deepEqual(outcome(['notify', { set_tweak: 'sound', value: 3 }, { set_tweak: 'org.example' }]), plain)
  assert.deepEqual(outcome(['dont_notify']), quiet)
  assert.deepEqual(outcome(['coalesce', 'notify']), plain)
})

test('J11: ten thousand hostile rules on the largest event take less than 50 ms', () => {
  const hostile: [RuleKind, (index: number) => Partial<PushRule>][] = [
    ['content', (index) => ({ pattern: `${'a*'.repeat(400)}${index}` })],
    ['content', (index) => ({ pattern: `a*a*a*b${index % 10}` })],
    ['content', (index) => ({ pattern: `b${' a'.repeat(index % 400)} a` })],
    ['content', (index) => ({ pattern: `${'a '.repeat(index % 3)}aa` })],
    ['override', () => ({ conditions: [{ kind: 'event_match', key: 'a.'.repeat(400), pattern: '?' }] })],
    [
      'override',
      () => ({
        conditions: [{ kind: 'event_match', key: 'content.other', pattern: `${'*a'.repeat(400)}b` }],
      }),
    ],
    [
      'override',
      () => ({ conditions: [{ kind: 'event_property_contains', key: 'content.list', value: 1 }] }),
    ],
    [
      'override',
      () => ({ conditions: Array.from({ length: 20 }, () => ({ kind: 'room_member_count', is: '5' })) }),
    ],
  ]
  const text = `${'a '.repeat(16_000)}b0 b1 b2 b3 b4 b5 b6 b7 b8 b9`
  const largest = event({
    content: { body: text, other: text, list: Array.from({ length: 16_000 }, () => 0) },
  })
  for (const [kind, make] of hostile) {
    const rules = rulesetOf(alice, noStoredRules)
    rules[kind] = Array.from({ length: 10_000 }, (_, index) => ({
      rule_id: `${index}`,
      default: false,
      enabled: true,
      actions: [],
      ...make(index),
    }))
    if (kind === 'override') for (const rule of rules.override) rule.conditions?.push({ kind: 'never' })
    const took = Math.min(
      ...Array.from({ length: 3 }, () => {
        const compiled = compileRules(rules)
        return cpuTimeMs(() => evaluateCompiled(compiled, new FlatEvent(largest), context))
      }),
    )
    assert.ok(took < 50, `${took} ms for ${JSON.stringify(make(0)).slice(0, 80)}`)
  }
})
