import { chosenEventId, eventIdOf, roomIdOf } from '../events/event-id.ts'
import type { Pdu, Reference, RoomEvent } from '../events/pdu.ts'
import { domainOf } from '../ids.ts'
import type { JsonObject } from '../json.ts'
import { portableCrypto } from '../portable-crypto.ts'
import { type RoomVersionRules, roomVersions } from './room-version.ts'

export const alice = '@alice:a.test'

export interface EventInput {
  type: string
  sender?: string
  state_key?: string
  content?: JsonObject
  prev_events?: string[]
  auth_events?: string[]
  depth?: number
  origin_server_ts?: number
  room_id?: string
  event_id?: string
  redacts?: string
}

/** A room for tests, created by alice. Its events have their right IDs, but no signatures. */
export interface TestRoom {
  rules: RoomVersionRules
  create: RoomEvent
  event(input: EventInput): RoomEvent
}

export function testRoom(version: string, createContent: JsonObject = {}, sender = alice): TestRoom {
  const rules = roomVersions.get(version) as RoomVersionRules
  const create = makeEvent(rules, {
    type: 'm.room.create',
    state_key: '',
    sender,
    content: {
      room_version: version,
      ...(rules.creatorInContent ? { creator: sender } : {}),
      ...createContent,
    },
    prev_events: [],
    auth_events: [],
    depth: 1,
    ...(rules.roomIdIsCreateHash ? {} : { room_id: '!room:a.test' }),
  })
  return {
    rules,
    create,
    event: (input) => makeEvent(rules, { prev_events: ['$unknown'], room_id: create.roomId, ...input }),
  }
}

function makeEvent(rules: RoomVersionRules, input: EventInput): RoomEvent {
  const pdu: Pdu = {
    sender: alice,
    content: {},
    origin_server_ts: 1_700_000_000_000,
    depth: 5,
    hashes: { sha256: '' },
    signatures: {},
    ...input,
    ...referencesOf(input, rules),
  }
  if (rules.eventId === 'given') pdu.event_id ??= chosenEventId(pdu, domainOf(pdu.sender), portableCrypto)
  if (pdu.room_id === undefined) delete pdu.room_id
  const eventId = eventIdOf(pdu, rules, portableCrypto)
  return { eventId, roomId: roomIdOf(pdu, eventId, rules) ?? '', pdu }
}

/** As events of the room's version have them. */
function referencesOf({ prev_events = [], auth_events = [] }: EventInput, { eventId }: RoomVersionRules) {
  const named = (id: string): Reference => (eventId === 'given' ? [id, { sha256: '' }] : id)
  return { prev_events: prev_events.map(named), auth_events: auth_events.map(named) }
}
