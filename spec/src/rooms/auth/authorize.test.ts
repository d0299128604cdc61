import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../json.ts'
import { portableCrypto } from '../../portable-crypto.ts'
import { alice, testRoom } from '../test-room.ts'
import { allRules, holdsFor } from '../test-versions.ts'
import { authorize, authStateOf } from './authorize.ts'
import {
  eventOf,
  listVectors,
  type RuleKind,
  refusingRuleOf,
  ruleOf,
  rulesOfTexts,
  stateOf,
  stateVectors,
} from './test-vectors.ts'
import { ruleNumber } from './verdict.ts'

for (const rules of allRules) {
  for (const vector of stateVectors.filter((held) => holdsFor(held, rules))) {
    test(`A4: version ${rules.version}, rule ${ruleOf(vector, rules)}: ${vector.name}`, () => {
      const room = testRoom(rules.version, vector.state.create ?? {})
      const state = authStateOf(stateOf(room, vector.state))
      const verdict = authorize(eventOf(room, vector), state, { rules, crypto: portableCrypto })
      assert.equal(verdict.allowed, vector.allowed, JSON.stringify(verdict))
      if (!verdict.allowed && vector.state.create !== null) {
        assert.equal(verdict.rule, refusingRuleOf(vector, rules))
      }
    })
  }
}

/** What the vectors must show of a rule. That an event is allowed or refused otherwise, all other vectors show. */
const shown: Record<RuleKind, boolean[]> = {
  reject: [true, false],
  allow: [true, false],
  decide: [true, false],
  names: [true],
  'otherwise allow': [true],
  'otherwise reject': [false],
}

for (const rules of allRules) {
  test(`A4: version ${rules.version}: every rule of its text lets a vector pass and refuses one`, () => {
    const texts = rulesOfTexts.filter((held) => holdsFor(held, rules))
    assert.equal(texts.length, 1)
    const outcomes = new Set(
      [...stateVectors, ...listVectors]
        .filter((vector) => holdsFor(vector, rules))
        .map((vector) => `${ruleOf(vector, rules)} ${vector.allowed}`),
    )
    for (const [kind, expected] of Object.entries(shown)) {
      for (const number of texts[0]?.[kind as RuleKind] ?? []) {
        if (number === rejectedAuthEvents(rules.roomIdIsCreateHash)) continue
        for (const outcome of expected) {
          const known = rules.restrictedJoins ? withoutSignature(number) : number
          assert.ok(outcomes.has(`${known} ${outcome}`), `${number} ${outcome}`)
        }
      }
    }
  })
}

/** Whether an auth event was rejected is not in the event: those who keep events ask before they ask the rules. */
const rejectedAuthEvents = (isCounted: boolean) => (isCounted ? '3.3' : '2.3')

/** That the voucher's server signed is checked with the other signatures; the rules check whom the voucher names. */
const withoutSignature = (number: string) => number.replace(/^([45]\.2)\.1$/, '$1')

test('J7: state of a type with a NUL is not taken for another', () => {
  const room = testRoom('12')
  const odd = room.event({ type: 'm.room.third_party_invite\0a', state_key: 'b' })
  const message = room.event({ type: 'm.room.member' })
  assert.equal(authStateOf([odd]).get('m.room.third_party_invite', 'a\0b'), undefined)
  assert.equal(authStateOf([message]).get('m.room.member', 'undefined'), undefined)
})

test('a third-party invite with thousands of signatures and keys is refused within bounds', () => {
  const room = testRoom('12')
  const wrong = Array.from({ length: 500 }, (_, i) => [`ed25519:${i}`, 'A'.repeat(86)])
  const keys = Array.from({ length: 500 }, (_, i) => ({
    public_key: new Uint8Array(32).fill(i % 251).toBase64(),
  }))
  const signed = { mxid: '@c:d', token: 'token', signatures: { 'id.test': Object.fromEntries(wrong) } }
  let tries = 0
  const crypto = { ...portableCrypto, verify: () => ++tries < 0 }
  const state = stateOf(room, { thirdPartyInvite: { sender: alice, content: { public_keys: keys } } })
  const content = { membership: 'invite', third_party_invite: { signed } }
  const event = room.event({ type: 'm.room.member', state_key: '@c:d', content })
  assert.equal(authorize(event, authStateOf(state), { rules: room.rules, crypto }).allowed, false)
  assert.equal(tries, 100)
})

test('A4: a join rule that is no text lets nobody in, not even the invited', () => {
  for (const version of ['10', '11', '12']) {
    const room = testRoom(version)
    const bob = '@bob:b.test'
    const join = room.event({
      type: 'm.room.member',
      sender: bob,
      state_key: bob,
      content: { membership: 'join' },
    })
    const invited = room.event({ type: 'm.room.member', state_key: bob, content: { membership: 'invite' } })
    const verdict = (content: JsonObject) => {
      const rule = room.event({ type: 'm.room.join_rules', state_key: '', content })
      return authorize(join, authStateOf([room.create, invited, rule]), {
        rules: room.rules,
        crypto: portableCrypto,
      })
    }
    assert.ok(verdict({}).allowed)
    for (const join_rule of [null, 5, ['invite']]) {
      const refused = verdict({ join_rule })
      assert.equal(refused.allowed || refused.rule, ruleNumber('5.3.7', room.rules))
    }
  }
})
