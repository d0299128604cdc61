import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { RoomEvent } from '../../events/pdu.ts'
import { isObject, type JsonObject } from '../../json.ts'
import { portableCrypto } from '../../portable-crypto.ts'
import { alice, type EventInput, type TestRoom, testRoom } from '../test-room.ts'
import { authorize, authStateOf } from './authorize.ts'
import { ruleNumber } from './verdict.ts'

interface StateInput {
  /** More content of the create event; null for a state without one. */
  create?: JsonObject | null
  members?: Record<string, string | null>
  joinRule?: string | null
  levels?: JsonObject | null
  thirdPartyInvite?: { sender: string; content: JsonObject }
}

/** `rule` counts as version 12 does. `fails` is the rule that refuses where it is not the one in question. */
interface Case {
  rule: string
  name: string
  allowed: boolean
  versions: string[]
  state: StateInput
  event: EventInput
  fails?: string
  drop?: string[]
  literal?: boolean
}

const groups = ['create', 'room', 'membership', 'power-levels']
const cases = groups.flatMap((group): Case[] =>
  JSON.parse(readFileSync(new URL(`../../../vectors/auth/${group}.json`, import.meta.url), 'utf8')),
)

/** Alice made the room and is in it, the moderator has level 50, bob none. Rooms that privilege her list no level for her. */
function stateOf(room: TestRoom, input: StateInput): RoomEvent[] {
  const members = { [alice]: 'join', '@mod:a.test': 'join', '@bob:b.test': 'join', ...input.members }
  const state = input.create === null ? [] : [room.create]
  for (const [userId, membership] of Object.entries(members)) {
    if (membership !== null) {
      state.push(
        room.event({ type: 'm.room.member', sender: userId, state_key: userId, content: { membership } }),
      )
    }
  }
  const add = (type: string, content: JsonObject) => state.push(room.event({ type, state_key: '', content }))
  if (input.joinRule !== null) add('m.room.join_rules', { join_rule: input.joinRule ?? 'invite' })
  if (input.levels !== null) {
    const levels = input.levels ?? { users: { '@mod:a.test': 50 } }
    const users = isObject(levels.users) ? levels.users : {}
    add(
      'm.room.power_levels',
      room.rules.privilegedCreators ? levels : { ...levels, users: { [alice]: 100, ...users } },
    )
  }
  const invite = input.thirdPartyInvite
  if (invite) state.push(room.event({ type: 'm.room.third_party_invite', state_key: 'token', ...invite }))
  return state
}

function eventOf(room: TestRoom, { event, literal, drop = [] }: Case): RoomEvent {
  if (event.type === 'm.room.create') {
    const content = { ...room.create.pdu.content, ...event.content }
    for (const key of drop) delete content[key]
    return room.event({ ...event, content, room_id: event.room_id ?? room.create.pdu.room_id })
  }
  const content = { ...event.content }
  if (
    room.rules.privilegedCreators &&
    !literal &&
    event.type === 'm.room.power_levels' &&
    isObject(content.users)
  ) {
    const { [alice]: _, ...others } = content.users
    content.users = others
  }
  const prev_events = event.prev_events?.map((id) => (id === '$create' ? room.create.eventId : id))
  return room.event({ ...event, content, ...(prev_events && { prev_events }) })
}

for (const version of ['10', '11', '12']) {
  for (const vector of cases) {
    if (!vector.versions.includes(version)) continue
    test(`A4: version ${version}, rule ${vector.rule}: ${vector.name}`, () => {
      const room = testRoom(version, vector.state.create ?? {})
      const state = authStateOf(stateOf(room, vector.state))
      const verdict = authorize(eventOf(room, vector), state, { rules: room.rules, crypto: portableCrypto })
      assert.equal(verdict.allowed, vector.allowed, JSON.stringify(verdict))
      if (verdict.allowed || vector.state.create === null) return
      const expected = vector.fails ?? vector.rule
      assert.equal(verdict.rule, expected.startsWith('1.') ? expected : ruleNumber(expected, room.rules))
    })
  }
}

test('A4: every rule has a case that it lets pass and one that it refuses', () => {
  const rules = new Set(cases.map(({ rule }) => rule))
  const outcomes = (rule: string) =>
    new Set(cases.filter((vector) => vector.rule === rule).map(({ allowed }) => allowed))
  /** Where a rule can only refuse or only allow, the other outcome belongs to its neighbour. */
  const oneSided = new Set([
    '5.4.1.2',
    '5.4.1.3',
    '5.4.1.4',
    '5.4.1.5',
    '5.4.1.6',
    '5.4.1.7',
    '5.4.4',
    '5.6.2',
  ])
  for (const rule of ['5.5.4', '5.6.3', '5.7.2', '5.7.3', '5.7.4', '5.8', '11']) oneSided.add(rule)
  for (const rule of rules) if (!oneSided.has(rule)) assert.equal(outcomes(rule).size, 2, rule)
  assert.equal(rules.size, 58, 'all that can decide by the state, counted as in version 12')
})

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
