import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RoomEvent } from '../../events/pdu.ts'
import type { JsonObject } from '../../json.ts'
import type { RoomVersionRules } from '../room-version.ts'
import { alice, type EventInput, testRoom } from '../test-room.ts'
import { allRules, holdsFor } from '../test-versions.ts'
import { authorizeAuthEvents, authStateKeys } from './auth-events.ts'
import { type ListVector, listVectors, refusingRuleOf, ruleOf } from './test-vectors.ts'

const bob = '@bob:b.test'
const carol = '@carol:c.test'

for (const rules of allRules) {
  for (const vector of listVectors.filter((held) => holdsFor(held, rules))) {
    const id = vector.rule === '3.5' ? 'A5' : 'A4'
    test(`${id}: version ${rules.version}, rule ${ruleOf(vector, rules)}: ${vector.name}`, () => {
      const { event, authEvents } = listOf(vector, rules)
      const verdict = authorizeAuthEvents(event, authEvents, rules)
      assert.equal(verdict.allowed, vector.allowed, JSON.stringify(verdict))
      if (!verdict.allowed) assert.equal(verdict.rule, refusingRuleOf(vector, rules))
    })
  }

  test(`A4: version ${rules.version}: an ID that is named twice is refused, a create event names none`, () => {
    const room = testRoom(rules.version)
    const event = room.event({ type: 'm.room.message', auth_events: ['$a:a.test', '$a:a.test'] })
    const levels = room.event({ type: 'm.room.power_levels', state_key: '' })
    assert.equal(authorizeAuthEvents(event, [levels], rules).allowed, false)
    assert.ok(authorizeAuthEvents(room.create, [], rules).allowed)
  })
}

function listOf({ named, withoutCreate, event: input }: ListVector, rules: RoomVersionRules) {
  const room = testRoom(rules.version)
  const others = named.map(({ elsewhere, ...fields }) => {
    if (fields.type === 'm.room.create') return room.create
    return elsewhere ? strangerOf(rules, fields) : room.event(fields)
  })
  const authEvents = rules.createInAuthEvents && !withoutCreate ? [room.create, ...others] : others
  const auth_events = authEvents.map(({ eventId }) => eventId)
  const event = room.event({ type: 'm.room.message', sender: bob, ...input, auth_events })
  return { event, authEvents }
}

function strangerOf(rules: RoomVersionRules, fields: EventInput): RoomEvent {
  const elsewhere = testRoom(rules.version, { elsewhere: true }, carol)
  const room_id = rules.roomIdIsCreateHash ? elsewhere.create.roomId : '!elsewhere:a.test'
  return elsewhere.event({ ...fields, room_id })
}

test('A5: an event names the state that the specification selects for its type', () => {
  const { rules } = testRoom('11')
  const keys = (content: JsonObject, type = 'm.room.member', state_key = carol) =>
    authStateKeys({ type, sender: bob, state_key, content }, rules)
      .map(([name, key]) => `${name.slice(7)} ${key}`)
      .slice(2)
  const both = [`member ${bob}`, `member ${carol}`]
  assert.deepEqual(keys({}, 'm.room.topic', ''), [`member ${bob}`])
  assert.deepEqual(keys({ membership: 'join' }), [...both, 'join_rules '])
  assert.deepEqual(keys({ membership: 'knock' }), [...both, 'join_rules '])
  assert.deepEqual(keys({ membership: 'leave' }), both)
  assert.deepEqual(keys({ membership: 'join' }, 'm.room.member', bob), [`member ${bob}`, 'join_rules '])
  const invite = { membership: 'invite', third_party_invite: { signed: { token: 't' } } }
  assert.deepEqual(keys(invite), [...both, 'join_rules ', 'third_party_invite t'])
  assert.deepEqual(keys({ ...invite, third_party_invite: { signed: 5 } }), [...both, 'join_rules '])
  const vouched = { membership: 'join', join_authorised_via_users_server: alice }
  assert.deepEqual(keys(vouched), [...both, 'join_rules ', `member ${alice}`])
  const byTarget = { membership: 'join', join_authorised_via_users_server: carol }
  assert.deepEqual(keys(byTarget), [...both, 'join_rules '])
  assert.deepEqual(authStateKeys({ type: 'm.room.create', sender: alice, content: {} }, rules), [])
  const older = testRoom('7').rules
  const named = authStateKeys({ type: 'm.room.member', sender: bob, state_key: bob, content: vouched }, older)
  assert.ok(!named.some(([, key]) => key === alice), 'nobody vouches before version 8')
})
