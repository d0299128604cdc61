import type { JsonObject } from '@kith/spec/json'
import { authStateKeys } from '@kith/spec/rooms/auth/authorize'
import { stateKeyOf } from '@kith/spec/rooms/state-key'
import { alice, type EventInput, testRoom } from '@kith/spec/rooms/test-room'
import type { JudgedRoom } from '../../differential/cases.ts'

const bob = '@bob:b.test'
const carol = '@carol:c.test'
const repeats = 50

/** A room with what rooms have, and a mixture of events that it allows, mostly messages. */
export function sampleRoom(version: string): JudgedRoom {
  const room = testRoom(version)
  const { rules, create } = room
  const users = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`@user${i}:b.test`, 50]))
  const levels = {
    users: { ...users, ...(rules.privilegedCreators ? {} : { [alice]: 100 }) },
    ban: 50,
    kick: 50,
  }
  const event = (input: EventInput) => room.event({ prev_events: [create.eventId], ...input })
  const member = (user: string, membership: string, content: JsonObject = {}): EventInput => {
    return { type: 'm.room.member', sender: user, state_key: user, content: { membership, ...content } }
  }
  const state = [
    create,
    event(member(alice, 'join')),
    event({ type: 'm.room.power_levels', state_key: '', content: levels }),
    event({ type: 'm.room.join_rules', state_key: '', content: { join_rule: 'public' } }),
    event(member(bob, 'join')),
    event(member(carol, 'join')),
  ]
  const message = (sender: string): EventInput => {
    return {
      type: 'm.room.message',
      sender,
      content: { msgtype: 'm.text', body: 'Shall we meet at eight? '.repeat(8) },
    }
  }
  const inputs = [
    message(alice),
    message(bob),
    message(carol),
    { type: 'm.room.topic', state_key: '', content: { topic: 'Gardens' } },
    member(bob, 'join', { displayname: 'Bob', avatar_url: 'mxc://b.test/abcdefgh' }),
    { ...member(carol, 'ban'), sender: alice },
    { type: 'm.room.power_levels', state_key: '', content: { ...levels, invite: 10 } },
  ]
  const indexOf = new Map(state.map(({ pdu }, index) => [stateKeyOf(pdu.type, pdu.state_key ?? ''), index]))
  const cases = Array.from({ length: repeats }, () => inputs)
    .flat()
    .map((input) => {
      const { pdu } = event(input)
      const held = authStateKeys(pdu, rules).flatMap((pair) => indexOf.get(stateKeyOf(...pair)) ?? [])
      const auth_events = held.map((index) => state[index]?.eventId)
      return { event: signed({ ...pdu, auth_events }), state: [...new Set([0, ...held])] }
    })
  return { version, state: state.map(({ pdu }) => signed(pdu)), cases }
}

const signed = (pdu: object) =>
  JSON.stringify({ ...pdu, signatures: { 'a.test': { 'ed25519:auto': 'c2ln' } } })
