import assert from 'node:assert/strict'
import { test } from 'node:test'
import vectors from '../../vectors/push-default-rules.json' with { type: 'json' }
import {
  defaultRules,
  noStoredRules,
  type PushRule,
  type Ruleset,
  rulesetOf,
  type StoredRules,
} from './rules.ts'

const alice = '@alice:kith.test'
const ids = (rules: readonly PushRule[]) => rules.map((rule) => rule.rule_id)

test('the default rules are those of the specification, word for word and in its order', () => {
  const text = JSON.stringify(vectors).replaceAll("[the user's Matrix ID]", alice)
  const { override, underride } = JSON.parse(text) as Pick<Ruleset, 'override' | 'underride'>
  assert.deepEqual(defaultRules(alice), { override, content: [], room: [], sender: [], underride })
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
