import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RoomEvent } from '../../events/pdu.ts'
import type { JsonObject } from '../../json.ts'
import { alice, type TestRoom, testRoom } from '../test-room.ts'
import { authorizeAuthEvents, authStateKeys } from './auth-events.ts'
import { ruleNumber } from './verdict.ts'

const bob = '@bob:b.test'
const carol = '@carol:c.test'

const member = (room: TestRoom, userId: string) =>
  room.event({ type: 'm.room.member', sender: userId, state_key: userId, content: { membership: 'join' } })
const levels = (room: TestRoom) => room.event({ type: 'm.room.power_levels', state_key: '' })

/** A message of bob that names these events, after the create event where events name it. */
function verdictOn(room: TestRoom, named: RoomEvent[]) {
  const authEvents = room.rules.createInAuthEvents ? [room.create, ...named] : named
  const auth_events = authEvents.map(({ eventId }) => eventId)
  const event = room.event({ type: 'm.room.message', sender: bob, auth_events })
  return authorizeAuthEvents(event, authEvents, room.rules)
}

for (const version of ['10', '11', '12']) {
  const room = testRoom(version)
  const refuses = (named: RoomEvent[], rule: string) => {
    const verdict = verdictOn(room, named)
    assert.equal(verdict.allowed || verdict.rule, ruleNumber(rule, room.rules))
  }

  test(`A4: version ${version}, rule 3: the selected auth events are accepted`, () => {
    assert.ok(verdictOn(room, [levels(room), member(room, bob)]).allowed)
    assert.ok(verdictOn(room, []).allowed)
    assert.ok(authorizeAuthEvents(room.create, [], room.rules).allowed)
  })

  test(`A4: version ${version}, rule 3.1: two auth events of one type and state key are refused`, () => {
    const other = room.event({ type: 'm.room.power_levels', state_key: '', content: { ban: 1 } })
    refuses([levels(room), other], '3.1')
    const event = room.event({ type: 'm.room.message', auth_events: ['$a', '$a'] })
    assert.equal(authorizeAuthEvents(event, [levels(room)], room.rules).allowed, false)
  })

  test(`A4: version ${version}, rule 3.2: auth events that are not selected are refused`, () => {
    refuses([member(room, carol)], '3.2')
    refuses([room.event({ type: 'm.room.topic', state_key: '' })], '3.2')
    refuses([room.event({ type: 'm.room.power_levels' })], '3.2')
    refuses([room.event({ type: 'm.room.join_rules', state_key: '' })], '3.2')
  })

  test(`A5: version ${version}, rule 3.5: an auth event of another room is refused`, () => {
    const elsewhere = testRoom(version, { elsewhere: true }, carol)
    const stranger = elsewhere.event({
      type: 'm.room.power_levels',
      state_key: '',
      room_id: room.rules.roomIdIsCreateHash ? elsewhere.create.roomId : '!elsewhere:a.test',
    })
    refuses([stranger], '3.5')
  })
}

test('A4: version 10 and 11, rule 2.4: the create event must be named, in version 12 it must not', () => {
  for (const version of ['10', '11']) {
    const room = testRoom(version)
    const event = room.event({ type: 'm.room.message', sender: bob })
    const verdict = authorizeAuthEvents(event, [levels(room)], room.rules)
    assert.equal(verdict.allowed || verdict.rule, '2.4')
  }
  const room = testRoom('12')
  const verdict = authorizeAuthEvents(
    room.event({ type: 'm.room.message', sender: bob }),
    [room.create],
    room.rules,
  )
  assert.equal(verdict.allowed || verdict.rule, '3.2')
})

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
})
