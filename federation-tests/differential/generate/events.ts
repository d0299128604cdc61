import type { Pdu } from '@kith/spec/events/pdu'
import { isObject, type Json, type JsonObject } from '@kith/spec/json'
import { authStateKeys } from '@kith/spec/rooms/auth/authorize'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import type { JudgedRoom } from '../cases.ts'
import type { Chance } from './chance.ts'
import { levelsContent } from './levels.ts'
import { ban, invite, join, type Kind, knock, leave, oddMember, thirdPartyInvite } from './memberships.ts'
import { mutated, oddValue, textOf } from './odd-values.ts'
import { alice, anyUser, bob, token } from './people.ts'
import { type GeneratedEvent, type GeneratedRoom, generateRoom, joinRules, referencesTo } from './room.ts'

const casesPerRoom = 20

/** A room and events for it, most of them nearly as its rules want them. */
export function generateCases(random: Chance, rules: RoomVersionRules): JudgedRoom {
  const room = generateRoom(random, rules)
  const known = [...room.state, ...room.others]
  const cases = Array.from({ length: casesPerRoom }, () => {
    const pdu = withAuthEvents(random, room, anyEvent(random, room))
    const hasAll = random.is(0.98)
    const state = room.state.map((_, index) => index).filter((index) => hasAll || index > 0)
    return { event: oddText(random, random.is(0.12) ? mutated(random, pdu) : pdu), state }
  })
  return { version: rules.version, state: known.map(({ pdu }) => textOf(pdu)), cases }
}

/** What only a text can have: keys twice, lone surrogates, blanks. */
function oddText(random: Chance, pdu: JsonObject): string {
  const text = textOf(pdu)
  if (!random.is(0.01)) return text
  return random.pick([
    text.replace('{', '{"depth":5,'),
    text.replace('"content":{', '"content":{"a":"\\ud800",'),
    text.replace('"content":{', '"content":{"\\udc00":1,'),
    ` ${text.replaceAll(',"', ' ,\n"')} `,
    text.slice(0, -1),
  ])
}

function createEvent(random: Chance, room: GeneratedRoom): JsonObject {
  const { rules, create } = room
  const content: JsonObject = { ...(create.pdu.content as JsonObject) }
  if (random.is(0.15)) delete content.creator
  if (random.is(0.15)) content.room_version = random.pick<Json>(['12', '99', 12, oddValue(random)])
  if (random.is(0.3))
    content.additional_creators = random.pick<Json>([[], [bob], ['bob'], [5], bob, oddValue(random)])
  const fields: JsonObject = { type: 'm.room.create', state_key: random.is(0.95) ? '' : 'x', content }
  fields.prev_events = random.is(0.85) ? [] : referencesTo(rules, [create])
  fields.room_id = room.roomId
  if (random.is(0.1)) fields.room_id = random.pick(['!room:b.test', '!room'])
  return fields
}

const thirdParty: Kind = (random) => ({
  type: 'm.room.third_party_invite',
  sender: anyUser(random),
  state_key: token,
  content: { display_name: 'a' },
})

/** New levels: those that apply with some change, or wholly other ones. */
function powerLevels(random: Chance, room: GeneratedRoom): JsonObject {
  const current = room.state.find(({ pdu }) => pdu.type === 'm.room.power_levels')
  const fresh = levelsContent(random, room.rules, { isNew: true })
  const content: JsonObject =
    random.is(0.3) || !current ? fresh : JSON.parse(JSON.stringify(current.pdu.content))
  for (const key of random.some(Object.keys(fresh), 0.15)) {
    const [before, after] = [content[key], fresh[key] as Json]
    content[key] = isObject(before) && isObject(after) ? someChanged(random, before, after) : after
  }
  for (const key of random.some(Object.keys(content), 0.04)) delete content[key]
  return {
    type: 'm.room.power_levels',
    sender: random.is(room.rules.privilegedCreators ? 0.1 : 0.5) ? alice : anyUser(random),
    state_key: random.is(0.98) ? '' : 'x',
    content,
  }
}

function someChanged(random: Chance, before: JsonObject, after: JsonObject): JsonObject {
  const mixed = { ...before }
  for (const key of random.some(Object.keys(after), 0.4)) mixed[key] = after[key] as Json
  for (const key of random.some(Object.keys(mixed), 0.1)) delete mixed[key]
  return mixed
}

function other(random: Chance): JsonObject {
  const type = random.pick([
    'm.room.message',
    'm.room.topic',
    'm.room.join_rules',
    'm.room.history_visibility',
    'im.kith.x',
    '',
  ])
  const fields: JsonObject = {
    type,
    sender: anyUser(random),
    content: type === 'm.room.join_rules' ? joinRules(random) : { body: 'é\u0000', n: -5 },
  }
  const user = anyUser(random)
  const state_key = random.weighted<string | undefined>([
    [4, undefined],
    [4, ''],
    [2, user],
    [2, `${user}_x`],
    [1, `${user}x`],
    [1, '@bob_x'],
    [1, `${user}_${'é'.repeat(random.between(110, 135))}`],
    [1, 'x'.repeat(random.between(250, 260))],
    [1, '@'],
    [1, '@_'],
    [1, 'é'.repeat(random.between(126, 130))],
  ])
  return state_key === undefined ? fields : { ...fields, state_key }
}

function aliases(random: Chance): JsonObject {
  const sender = anyUser(random)
  const own = sender.slice(sender.indexOf(':') + 1)
  const fields: JsonObject = { type: 'm.room.aliases', sender, content: { aliases: ['#a:a.test'] } }
  const state_key = random.weighted<string | undefined>([
    [6, own],
    [2, 'b.test'],
    [1, ''],
    [1, undefined],
  ])
  return state_key === undefined ? fields : { ...fields, state_key }
}

function redaction(random: Chance, room: GeneratedRoom): JsonObject {
  const target = random.pick<Json>([room.create.eventId, '$x:b.test', '$x:a.test', oddValue(random)])
  return {
    type: 'm.room.redaction',
    sender: anyUser(random),
    redacts: target,
    content: { redacts: target, reason: 'x' },
  }
}

const kinds: readonly (readonly [number, Kind])[] = [
  [3, createEvent],
  [12, join],
  [8, invite],
  [9, thirdPartyInvite],
  [10, leave],
  [8, ban],
  [6, knock],
  [1, oddMember],
  [4, thirdParty],
  [22, powerLevels],
  [14, other],
  [4, aliases],
  [3, redaction],
]

function anyEvent(random: Chance, room: GeneratedRoom): JsonObject {
  const fields = random.weighted(kinds)(random, room)
  const pdu = room.draft(fields)
  const isRoomless = pdu.type === 'm.room.create' && room.rules.roomIdIsCreateHash
  if (isRoomless && random.is(0.8)) delete pdu.room_id
  return pdu
}

/** Names the state that may authorize the event, now and then with a fault. */
function withAuthEvents(random: Chance, room: GeneratedRoom, pdu: JsonObject): JsonObject {
  const { rules, state, others } = room
  const keys = new Set(authStateKeys(pdu as Pdu, rules).map((pair) => JSON.stringify(pair)))
  const named = state.filter((event) => keys.has(JSON.stringify([event.pdu.type, event.pdu.state_key])))
  const anything = [...state, ...others]
  if (random.is(0.04)) named.push(anything[random.between(0, anything.length)] as GeneratedEvent)
  if (random.is(0.02)) named.splice(random.between(0, named.length), 1)
  if (random.is(0.01)) replace(named, room.stranger)
  return { ...pdu, auth_events: referencesTo(rules, named) }
}

/** Puts an event in the place of that of the same kind. */
function replace(events: GeneratedEvent[], event: GeneratedEvent): void {
  const at = events.findIndex(({ pdu }) => pdu.type === event.pdu.type)
  events.splice(at < 0 ? events.length : at, at < 0 ? 0 : 1, event)
}
