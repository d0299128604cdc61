import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultRules, noStoredRules, type PushRule, rulesetOf, type StoredRules } from './rules.ts'

const alice = '@alice:kith.test'
const ids = (rules: readonly PushRule[]) => rules.map((rule) => rule.rule_id)

test('the default rules are those of the specification, in its order', () => {
  const rules = defaultRules(alice)
  assert.deepEqual(ids(rules.override), [
    '.m.rule.master',
    '.m.rule.suppress_notices',
    '.m.rule.invite_for_me',
    '.m.rule.member_event',
    '.m.rule.is_user_mention',
    '.m.rule.is_room_mention',
    '.m.rule.tombstone',
    '.m.rule.reaction',
    '.m.rule.room.server_acl',
    '.m.rule.suppress_edits',
  ])
  assert.deepEqual([rules.content, rules.room, rules.sender], [[], [], []])
  assert.deepEqual(ids(rules.underride), [
    '.m.rule.call',
    '.m.rule.encrypted_room_one_to_one',
    '.m.rule.room_one_to_one',
    '.m.rule.message',
    '.m.rule.encrypted',
  ])
  const disabled = Object.values(rules)
    .flat()
    .filter((rule) => !rule.enabled)
  assert.deepEqual(ids(disabled), ['.m.rule.master'])
})

test('own rules come before the defaults of their kind, but after the master rule', () => {
  const own: PushRule = { rule_id: 'mine', default: false, enabled: true, actions: [], conditions: [] }
  const stored: StoredRules = {
    ...noStoredRules,
    own: { ...noStoredRules.own, override: [own], underride: [own] },
  }
  const rules = rulesetOf(alice, stored)
  assert.deepEqual(ids(rules.override).slice(0, 3), ['.m.rule.master', 'mine', '.m.rule.suppress_notices'])
  assert.deepEqual(ids(rules.underride).slice(0, 2), ['mine', '.m.rule.call'])
})

test('changes of default rules change just what they name', () => {
  const stored: StoredRules = {
    ...noStoredRules,
    changed: [
      { rule_id: '.m.rule.master', enabled: true },
      { rule_id: '.m.rule.message', actions: [] },
    ],
  }
  const rules = rulesetOf(alice, stored)
  const defaults = defaultRules(alice)
  assert.deepEqual(rules.override[0], { ...defaults.override[0], enabled: true })
  assert.deepEqual(rules.underride[3], { ...defaults.underride[3], actions: [] })
  assert.deepEqual(rules.underride[4], defaults.underride[4])
})
