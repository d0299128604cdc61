import { isEventId, isUserId } from '@kith/spec/ids'
import { isObject, type Json, type JsonObject, own } from '@kith/spec/json'
import type { Disagreement } from './cases.ts'
import { isIntegerOfPython, isUnreadable, levelsOf } from './odd-levels.ts'
import { rulesOf } from './ours.ts'

/** A way in which Synapse departs from the specification's text, which we follow. */
export interface Explanation {
  name: string
  /** The paragraph that justifies us. */
  paragraph: string
  applies(disagreement: Disagreement, event: JsonObject): boolean
}

const accepted = 'accepted'

/** Both were asked and only Synapse said no, or only we. */
const onlySynapseRefuses = ({ ours, theirs }: Disagreement) => ours === accepted && theirs !== accepted
const onlyWeRefuse = ({ ours, theirs }: Disagreement) => ours !== accepted && theirs === accepted

const content = (event: JsonObject): JsonObject => (isObject(event.content) ? event.content : {})
const domainOf = (id: Json | undefined) => (typeof id === 'string' ? id.slice(id.indexOf(':') + 1) : '')

function createOf({ state }: Disagreement): JsonObject {
  const events: JsonObject[] = state.map((text) => JSON.parse(text))
  return events.find(({ type }) => type === 'm.room.create') ?? {}
}

/** All levels that the event brings or is judged by, and what stands where levels should be. */
function levelsIn({ state, version }: Disagreement, event: JsonObject): Json[] {
  if (rulesOf(version).integerPowerLevels) return []
  const events: JsonObject[] = [event, ...state.map((text) => JSON.parse(text))]
  return events.filter(({ type }) => type === 'm.room.power_levels').flatMap((one) => levelsOf(content(one)))
}

function isReference(reference: Json, version: string): boolean {
  const [id, hashes] = Array.isArray(reference) ? reference : [reference, undefined]
  const hasForm =
    rulesOf(version).eventId === 'given'
      ? isObject(hashes) && typeof hashes.sha256 === 'string'
      : hashes === undefined && !Array.isArray(reference)
  return hasForm && typeof id === 'string' && isEventId(id)
}

export const explanations: readonly Explanation[] = [
  {
    name: 'm.federate that is not a boolean keeps nobody out',
    paragraph: 'room versions, authorization rules: "the property `m.federate` set to `false`"',
    applies: (found) => {
      const federate = own(content(createOf(found)), 'm.federate')
      return onlySynapseRefuses(found) && /unfederatable/.test(found.theirs) && typeof federate !== 'boolean'
    },
  },
  {
    name: 'm.federate is about the sender, whoever the target is',
    paragraph: 'room versions, authorization rules: "and the `sender` domain of the event does not match"',
    applies: (found, event) =>
      onlySynapseRefuses(found) &&
      /unfederatable/.test(found.theirs) &&
      event.type === 'm.room.member' &&
      domainOf(event.sender) === domainOf(createOf(found).sender),
  },
  {
    name: 'users of power levels must be valid user IDs',
    paragraph: 'appendices, "User Identifiers" and "Server Name"; authorization rules of m.room.power_levels',
    applies: (found, event) => {
      const users = own(content(event), 'users')
      return onlyWeRefuse(found) && isObject(users) && !Object.keys(users).every(isUserId)
    },
  },
  {
    name: 'what only Python takes for an integer is none: true, "1_0", digits of other scripts',
    paragraph: 'room versions 1 to 9, "m.room.power_levels events accept values as strings" and "as floats"',
    applies: (found, event) => levelsIn(found, event).some(isIntegerOfPython),
  },
  {
    name: 'a level that nobody can read stands in the way only of what asks for it',
    paragraph: 'room versions 1 to 9, authorization rules: none refuses such an event but for its users',
    applies: (found, event) => onlySynapseRefuses(found) && levelsIn(found, event).some(isUnreadable),
  },
  {
    name: 'a list, or what else is no object, cannot stand for a map of levels',
    paragraph: 'client-server API, m.room.power_levels: `events`, `notifications` and `users` are objects',
    applies: (found, event) =>
      onlyWeRefuse(found) &&
      /cannot be read|is not an object/.test(found.ours) &&
      levelsIn(found, event).some((level) => typeof level !== 'number'),
  },
  {
    name: 'a voucher must be a valid user ID',
    paragraph: 'room version 8 on, authorization rules: "the homeserver of the user ID denoted by the key"',
    applies: (found, event) => {
      const voucher = own(content(event), 'join_authorised_via_users_server')
      return (
        onlyWeRefuse(found) && voucher !== undefined && !(typeof voucher === 'string' && isUserId(voucher))
      )
    },
  },
  {
    name: 'the target of a membership need not be a user ID',
    paragraph: 'room versions, authorization rules of m.room.member: none asks for it',
    applies: (found, event) =>
      onlySynapseRefuses(found) && /Invalid ID/.test(found.theirs) && !isUserId(String(event.state_key)),
  },
  {
    name: 'power levels under another state key are judged by those of the room',
    paragraph: 'client-server API, m.room.power_levels: its state key is a zero-length string',
    applies: (found, event) =>
      onlyWeRefuse(found) &&
      event.type === 'm.room.power_levels' &&
      event.state_key !== '' &&
      found.stage === 'state',
  },
  {
    name: 'power levels without a state key are judged like others',
    paragraph: 'room versions, authorization rules of m.room.power_levels: none asks for a state key',
    applies: (found, event) =>
      onlySynapseRefuses(found) &&
      /AttributeError: state_key/.test(found.theirs) &&
      event.type === 'm.room.power_levels' &&
      event.state_key === undefined,
  },
  {
    name: 'negative zero must not appear',
    paragraph: 'appendices, "Canonical JSON"; room version 6, "Canonical JSON"',
    applies: (found) => onlyWeRefuse(found) && /:-0[,}\]]/.test(found.event) && /^-0/.test(found.ours),
  },
  {
    name: 'a key that is there twice has no canonical form',
    paragraph:
      'appendices, "Canonical JSON": "the shortest UTF-8 JSON encoding"; room version 6, "Canonical JSON"',
    applies: (found) =>
      onlyWeRefuse(found) && /^\{"depth":.*"depth":/s.test(found.event) && /twice/.test(found.ours),
  },
  {
    name: 'events have no event ID of their own, but may have any further key',
    paragraph: 'room versions 3 on, "Event format": other keys are not forbidden',
    applies: (found, event) =>
      onlySynapseRefuses(found) && /Invalid event JSON/.test(found.theirs) && 'event_id' in event,
  },
  {
    name: 'a sender must be a user ID',
    paragraph: 'appendices, "User Identifiers"; room versions, "Event format"',
    applies: (found, event) =>
      onlyWeRefuse(found) && /^sender/.test(found.ours) && !isUserId(String(event.sender)),
  },
  {
    // In rooms with lenient JSON the text does not forbid it. We hold times as numbers, to the year 287,396.
    name: 'a time is an integer that JSON can hold exactly',
    paragraph: 'appendices, "Canonical JSON": integers from -(2^53) + 1 to 2^53 - 1',
    applies: (found, event) =>
      onlyWeRefuse(found) &&
      /^origin_server_ts/.test(found.ours) &&
      !Number.isSafeInteger(event.origin_server_ts),
  },
  {
    name: 'a room ID must be one',
    paragraph: 'appendices, "Room IDs"; room versions, "Event format"',
    applies: (found) => onlyWeRefuse(found) && found.ours === 'room_id is not a room ID',
  },
  {
    name: 'references must be event IDs, in rooms of versions 1 and 2 with hashes',
    paragraph: 'room versions, "Event format" and "Event IDs"',
    applies: (found, event) =>
      onlyWeRefuse(found) &&
      [event.prev_events, event.auth_events].some(
        (references) =>
          !Array.isArray(references) || !references.every((one) => isReference(one, found.version)),
      ),
  },
  {
    name: 'content, signatures and unsigned must be objects',
    paragraph: 'room versions, "Event format"',
    applies: (found, event) =>
      onlyWeRefuse(found) &&
      ![event.content, event.signatures, event.unsigned ?? {}].every((value) => isObject(value)),
  },
  {
    name: 'no redaction takes the room ID from a create event, which must not have any',
    paragraph:
      'room version 12, "Redactions": `room_id` is kept; authorization rule 1.2 refuses such an event',
    applies: ({ stage, version }, event) =>
      ['signature', 'redacted', 'eventId'].includes(stage) &&
      version === '12' &&
      event.type === 'm.room.create' &&
      event.room_id !== undefined,
  },
  {
    name: 'what a redaction redacts must be a string',
    paragraph: 'room versions 1 to 10, "Event format"',
    applies: (found, event) =>
      onlyWeRefuse(found) && /^redacts/.test(found.ours) && typeof event.redacts !== 'string',
  },
]

/** The name of what justifies us, or undefined: then one of the two is wrong. */
export function explain(disagreement: Disagreement): string | undefined {
  let event: Json = {}
  try {
    event = JSON.parse(disagreement.event)
  } catch {} // Then it is about the text alone.
  return explanations.find(({ applies }) => applies(disagreement, isObject(event) ? event : {}))?.name
}
