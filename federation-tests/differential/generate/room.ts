import { signingKeyFromSeed } from '@kith/homeserver/platform/crypto'
import { encodeBase64 } from '@kith/spec/base64'
import type { Json, JsonObject } from '@kith/spec/json'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { eventOf } from '../ours.ts'
import type { Chance } from './chance.ts'
import { levelsContent } from './levels.ts'
import { oddPlainValue, textOf } from './odd-values.ts'
import { alice, bob, dave, token, users } from './people.ts'

/** Who vouches for e-mail addresses: the key that third-party invites name. */
export const identityKey = signingKeyFromSeed('ed25519:0', new Uint8Array(32).fill(9))

export interface GeneratedEvent {
  eventId: string
  pdu: JsonObject
}

export interface GeneratedRoom {
  rules: RoomVersionRules
  roomId: string
  create: GeneratedEvent
  /** The create event first. */
  state: GeneratedEvent[]
  /** Events that are no part of the state: older ones, and some of another room. */
  others: GeneratedEvent[]
  /** Power levels of another room. */
  stranger: GeneratedEvent
  /** An event of this room, in the form of its version. */
  draft(fields: JsonObject): JsonObject
}

const signatures = {
  'a.test': { 'ed25519:auto': 'c2ln' },
  'b.test': {},
  'c.test': {},
  'b.test:8448': {},
  '[2001:db8::1]': {},
}

/** A room with the state that generated events are judged by. What is in it could have been accepted by its rules. */
export function generateRoom(random: Chance, rules: RoomVersionRules): GeneratedRoom {
  const made = (pdu: JsonObject) => ({ eventId: eventOf(textOf(pdu), rules).eventId, pdu })
  const hasId = rules.eventId === 'given'
  const create = made(
    pduOf(random, {
      ...(hasId ? { event_id: '$create:a.test' } : {}),
      type: 'm.room.create',
      state_key: '',
      content: createContent(random, rules),
      depth: 1,
      ...(rules.roomIdIsCreateHash ? {} : { room_id: '!room:a.test' }),
    }),
  )
  const roomId = rules.roomIdIsCreateHash ? `!${create.eventId.slice(1)}` : '!room:a.test'
  const common = { room_id: roomId, prev_events: referencesTo(rules, [create]) }
  const draft = (fields: JsonObject) =>
    pduOf(random, { ...common, ...(hasId ? { event_id: anyEventId(random) } : {}), ...fields })
  const state = [create, ...stateEvents(random, rules).map((fields) => made(draft(fields)))]
  const others: JsonObject[] = [
    { type: 'm.room.power_levels', state_key: '', content: { ban: 7 } },
    { type: 'm.room.topic', state_key: '', content: { topic: 'x' } },
    { type: 'm.room.message', content: {} },
    { type: 'm.room.join_rules', state_key: '', content: {}, room_id: '!other:a.test' },
    { type: 'm.room.member', state_key: bob, content: { membership: 'join' }, room_id: '!other:a.test' },
  ]
  const stranger = made(draft({ type: 'm.room.power_levels', state_key: '', room_id: '!other:a.test' }))
  return {
    rules,
    roomId,
    create,
    state,
    others: [...others.map((fields) => made(draft(fields))), stranger],
    stranger,
    draft,
  }
}

const anyEventId = (random: Chance) =>
  `$${random.between(0, 2 ** 31)}:${random.pick(['a.test', 'a.test', 'a.test', 'b.test'])}`

/** Events by reference as the version's format has them. */
export function referencesTo(rules: RoomVersionRules, events: readonly GeneratedEvent[]): Json[] {
  return events.map(({ eventId }) => (rules.eventId === 'given' ? [eventId, { sha256: 'aGFzaA' }] : eventId))
}

function pduOf(random: Chance, fields: JsonObject): JsonObject {
  return {
    sender: alice,
    content: {},
    origin_server_ts: 1_700_000_000_000 + random.between(0, 1000),
    depth: 5,
    prev_events: [],
    auth_events: [],
    hashes: { sha256: 'aGFzaA' },
    signatures,
    ...fields,
  }
}

function createContent(random: Chance, rules: RoomVersionRules): JsonObject {
  return {
    ...(random.is(0.9) || rules.version !== '1' ? { room_version: rules.version } : {}),
    ...(rules.creatorInContent ? { creator: random.is(0.95) ? alice : bob } : {}),
    ...(!rules.creatorInContent && random.is(0.1) ? { creator: bob } : {}),
    ...(random.is(0.15)
      ? {
          'm.federate': random.weighted<Json>([
            [4, false],
            [3, true],
            [1, oddPlainValue(random)],
          ]),
        }
      : {}),
    ...(random.is(0.4) ? { additional_creators: random.some([bob, dave], 0.5) } : {}),
  }
}

function stateEvents(random: Chance, rules: RoomVersionRules): JsonObject[] {
  const events: JsonObject[] = []
  const add = (type: string, state_key: string, fields: JsonObject) =>
    events.push({ type, state_key, ...fields })
  for (const user of users) {
    const membership = user === alice && random.is(0.8) ? 'join' : anyMembership(random)
    if (membership !== '')
      add('m.room.member', user, { sender: membership === 'ban' ? alice : user, content: { membership } })
  }
  if (random.is(0.85))
    add('m.room.power_levels', '', { content: levelsContent(random, rules, { isNew: false }) })
  if (random.is(0.9)) add('m.room.join_rules', '', { content: joinRules(random) })
  if (random.is(0.6))
    add('m.room.third_party_invite', token, { sender: random.pick([alice, bob]), content: identity(random) })
  return events
}

const anyMembership = (random: Chance) =>
  random.weighted([
    [5, 'join'],
    [2, 'invite'],
    [2, 'leave'],
    [2, 'ban'],
    [2, 'knock'],
    [2, ''],
  ])

export function joinRules(random: Chance): JsonObject {
  const rule = random.weighted<Json>([
    [3, 'public'],
    [3, 'invite'],
    [3, 'knock'],
    [3, 'restricted'],
    [3, 'knock_restricted'],
    [1, 'private'],
    [1, oddPlainValue(random)],
  ])
  return random.is(0.97) ? { join_rule: rule } : {}
}

function identity(random: Chance): JsonObject {
  const ours = encodeBase64(identityKey.publicKey)
  const other = encodeBase64(new Uint8Array(32).fill(3))
  return random.weighted<JsonObject>([
    [4, { public_key: ours, display_name: 'a', key_validity_url: 'https://a.test' }],
    [3, { public_keys: [{ public_key: other }, { public_key: ours }] }],
    [2, { public_key: other, public_keys: [{ public_key: ours }] }],
    [1, { public_key: other }],
    [1, {}],
  ])
}
