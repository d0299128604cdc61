import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeRule, findRule, type NewRule, putRule, removeRule } from './edit-rules.ts'
import { noStoredRules, type RuleKind, rulesetOf, type StoredRules } from './rules.ts'

const userId = '@alice:kith.test'

const put = (stored: StoredRules, ruleId: string, parts: Partial<NewRule> = {}) =>
  putRule(stored, 'override', { ruleId, actions: [], ...parts })
const order = (stored: StoredRules) => stored.own.override.map((rule) => rule.rule_id).join(' ')
const three = ['c', 'b', 'a'].reduce((stored, id) => put(stored, id), noStoredRules)

test('a new rule is enabled and the most important of its kind', () => {
  assert.equal(order(three), 'a b c')
  const rule = { rule_id: 'a', default: false, enabled: true, actions: [], conditions: [] }
  assert.deepEqual(three.own.override[0], rule)
})

const moves: [ruleId: string, parts: Partial<NewRule>, expected: string][] = [
  ['x', { before: 'b' }, 'a x b c'],
  ['x', { after: 'b' }, 'a b x c'],
  ['x', { after: 'c' }, 'a b c x'],
  ['c', { before: 'a' }, 'c a b'],
  ['a', { after: 'c' }, 'b c a'],
  ['x', { before: 'c', after: 'a' }, 'a b x c'],
  ['b', {}, 'a b c'],
]
for (const [ruleId, parts, expected] of moves) {
  test(`putting ${ruleId} ${JSON.stringify(parts)} gives ${expected}`, () => {
    assert.equal(order(put(three, ruleId, parts)), expected)
  })
}

test('a replaced rule stays as enabled as it was', () => {
  const disabled = changeRule(three, { userId, kind: 'override', ruleId: 'b' }, { enabled: false })
  const replaced = put(disabled, 'b', { actions: ['notify'] })
  assert.equal(replaced.own.override[1]?.enabled, false)
  assert.deepEqual(replaced.own.override[1]?.actions, ['notify'])
})

test('a rule keeps only what its kind has', () => {
  const parts = { actions: [], pattern: 'cake', conditions: [] }
  const content = putRule(noStoredRules, 'content', { ruleId: 'x', ...parts }).own.content[0]
  assert.deepEqual(content, { rule_id: 'x', default: false, enabled: true, actions: [], pattern: 'cake' })
  const room = putRule(noStoredRules, 'room', { ruleId: '!r:kith.test', ...parts }).own.room[0]
  assert.deepEqual(room, { rule_id: '!r:kith.test', default: false, enabled: true, actions: [] })
})

test('default rules can be switched and changed, and back', () => {
  const name = { userId, kind: 'underride', ruleId: '.m.rule.message' } as const
  const off = changeRule(noStoredRules, name, { enabled: false })
  const changed = changeRule(off, name, { actions: [] })
  assert.deepEqual(changed.changed, [{ rule_id: '.m.rule.message', enabled: false, actions: [] }])
  const on = changeRule(changed, name, { enabled: true })
  const rule = findRule(rulesetOf(userId, on), 'underride', '.m.rule.message')
  assert.equal(rule.enabled, true)
  assert.deepEqual(rule.actions, [])
})

test('own rules can be removed', () => {
  assert.equal(order(removeRule(three, 'override', 'b')), 'a c')
})

const long = 'x'.repeat(300)
const refused: [what: string, kind: RuleKind, parts: Partial<NewRule>][] = [
  ['an empty ID', 'override', { ruleId: '' }],
  ["the ID of the server's rules", 'override', { ruleId: '.m.rule.mine' }],
  ['a slash in the ID', 'override', { ruleId: 'a/b' }],
  ['a backslash in the ID', 'override', { ruleId: 'a\\b' }],
  ['a long ID', 'override', { ruleId: long }],
  ['a room rule for no room', 'room', { ruleId: 'x' }],
  ['a sender rule for no user', 'sender', { ruleId: 'x' }],
  ['a content rule without a pattern', 'content', {}],
  ['an over-long pattern', 'content', { pattern: 'x'.repeat(1024) }],
  ['an unknown action', 'override', { actions: ['explode'] }],
  ['a tweak without a name', 'override', { actions: ['notify', { value: 1 }] }],
  ['a match without a pattern', 'override', { conditions: [{ kind: 'event_match', key: 'type' }] }],
  ['a match without a key', 'override', { conditions: [{ kind: 'event_match', pattern: 'x' }] }],
  ['a comparison without a value', 'override', { conditions: [{ kind: 'event_property_is', key: 'type' }] }],
  [
    'a comparison with a float',
    'override',
    { conditions: [{ kind: 'event_property_is', key: 'type', value: 0.5 }] },
  ],
  [
    'a comparison with a list',
    'override',
    { conditions: [{ kind: 'event_property_contains', key: 'a', value: [] }] },
  ],
  ['a count that is none', 'override', { conditions: [{ kind: 'room_member_count', is: 'two' }] }],
  ['a permission without a key', 'override', { conditions: [{ kind: 'sender_notification_permission' }] }],
  ['a place before no rule', 'override', { before: 'nobody' }],
  ['a place after a default rule', 'override', { after: '.m.rule.master' }],
]
for (const [what, kind, parts] of refused) {
  test(`P2: ${what} is refused`, () => {
    assert.throws(() => putRule(three, kind, { ruleId: 'x', actions: [], ...parts }), {
      code: 'M_INVALID_PARAM',
    })
  })
}

test('P2: a condition of an unknown kind is kept', () => {
  assert.equal(put(noStoredRules, 'x', { conditions: [{ kind: 'org.example' }] }).own.override.length, 1)
})

test('P2: a rule that is not there is not found', () => {
  const name = { userId, kind: 'override', ruleId: 'nobody' } as const
  const missing = { code: 'M_NOT_FOUND' }
  assert.throws(() => removeRule(three, 'override', 'nobody'), missing)
  assert.throws(() => removeRule(three, 'override', '.m.rule.master'), missing)
  assert.throws(() => changeRule(three, name, { enabled: true }), missing)
  assert.throws(() => findRule(rulesetOf(userId, three), 'override', 'nobody'), missing)
})

test('P2: actions of a default rule are checked too', () => {
  const name = { userId, kind: 'underride', ruleId: '.m.rule.message' } as const
  assert.throws(() => changeRule(three, name, { actions: ['explode'] }), { code: 'M_INVALID_PARAM' })
  assert.throws(() => changeRule(three, name, { actions: [{ set_tweak: 'x', value: 'y'.repeat(1024) }] }), {
    code: 'M_INVALID_PARAM',
  })
})

test('P2: nobody has more than 10,000 rules', () => {
  const rule = { rule_id: '', default: false, enabled: true, actions: [] }
  const room = Array.from({ length: 10_000 }, (_, index) => ({ ...rule, rule_id: `!${index}:kith.test` }))
  const full: StoredRules = { ...noStoredRules, own: { ...noStoredRules.own, room } }
  assert.throws(() => put(full, 'x'), { code: 'M_INVALID_PARAM' })
  assert.doesNotThrow(() => putRule(full, 'room', { ruleId: '!5:kith.test', actions: ['notify'] }))
})
