import { canonicalJson } from '../canonical-json.ts'
import { badJson, tooLarge } from '../errors.ts'
import { isDomainEventId, isHashEventId, isRoomId, isUrlHashEventId, isUserId, maxIdBytes } from '../ids.ts'
import { isObject, type Json, type JsonObject, utf8Length } from '../json.ts'
import type { RoomVersionRules } from '../rooms/room-version.ts'
import { parseJson } from '../strict-json.ts'
import type { Pdu, Reference } from './pdu.ts'

/** The canonical form with signatures and without `unsigned`. Source: client-server API, "Size limits". */
export const maxEventBytes = 65536
export const maxPrevEvents = 20
export const maxAuthEvents = 10
/** Levels of nesting, the event itself counted. */
export const maxEventDepth = 128

/** The event in a text that may come from anywhere. Throws M_NOT_JSON, M_BAD_JSON or M_TOO_LARGE. */
export function parseEvent(text: Uint8Array | string, rules: RoomVersionRules): Pdu {
  return checkFormat(eventJson(text, rules), rules)
}

/** Parses as strictly as the room's version wants it, before the format is looked at. Throws M_NOT_JSON or M_BAD_JSON. */
export function eventJson(
  text: Uint8Array | string,
  { strictJson }: Pick<RoomVersionRules, 'strictJson'>,
): Json {
  return parseJson(text, strictJson ? 'canonical' : 'exact')
}

/**
 * Checks an event that may come from anywhere against the format of its room version.
 *
 * Throws M_BAD_JSON or M_TOO_LARGE. What only the raw text shows (`1.0`, `-0`, duplicate keys) is the business of
 * `parseJson(…, 'canonical')`, for lenient rooms `parseJson(…, 'exact')`. Source: server-server API, "Checks performed on receipt of a PDU", 1.
 */
export function checkFormat(value: Json | Pdu, rules: RoomVersionRules): Pdu {
  if (!isObject(value as Json)) throw badJson('An event must be an object')
  const event = value as JsonObject
  checkIdentifiers(event, rules)
  checkNumbers(event)
  if (!areReferences(event.prev_events, maxPrevEvents, rules))
    throw badReferences('prev_events', maxPrevEvents)
  if (!areReferences(event.auth_events, maxAuthEvents, rules))
    throw badReferences('auth_events', maxAuthEvents)
  checkObjects(event)
  const { unsigned: _, ...counted } = event
  const text = canonicalJson(counted, { maxDepth: maxEventDepth, strict: rules.strictJson })
  const bytes = text.length * 3 > maxEventBytes ? utf8Length(text) : text.length
  if (bytes > maxEventBytes) throw tooLarge(`The event has ${bytes} bytes, more than ${maxEventBytes}`)
  return value as Pdu
}

function checkIdentifiers(event: JsonObject, rules: RoomVersionRules): void {
  checkText(event, 'type')
  const sender = checkText(event, 'sender')
  if (!isUserId(sender)) throw badJson('sender is not a user ID')
  if (event.state_key !== undefined) checkText(event, 'state_key')
  if (event.event_id !== undefined || rules.eventId === 'given') {
    const id = checkText(event, 'event_id')
    if (rules.eventId === 'given' && !isDomainEventId(id)) throw badJson('event_id is not an event ID')
  }
  if (!rules.redactsInContent && event.redacts !== undefined) checkText(event, 'redacts')
  const isRoomless = rules.roomIdIsCreateHash && event.type === 'm.room.create' && event.state_key === ''
  if (isRoomless && event.room_id === undefined) return
  if (!isRoomId(checkText(event, 'room_id'))) throw badJson('room_id is not a room ID')
}

function checkText(event: JsonObject, key: string): string {
  const value = event[key]
  if (typeof value !== 'string') throw badJson(`${key} must be a string`)
  if (value.length * 3 > maxIdBytes && utf8Length(value) > maxIdBytes) {
    throw tooLarge(`${key} has more than ${maxIdBytes} bytes`)
  }
  return value
}

const badReferences = (key: string, most: number) => badJson(`${key} must hold at most ${most} event IDs`)

/** Room versions 1 to 5 let the depth grow to 2^63 - 1. As with Synapse it ends in all versions where JSON is exact. */
function checkNumbers(event: JsonObject): void {
  if (!Number.isSafeInteger(event.origin_server_ts)) throw badJson('origin_server_ts must be an integer')
  const depth = event.depth
  if (!Number.isSafeInteger(depth) || (depth as number) < 0) {
    throw badJson('depth must be an integer from 0 to 2^53 - 1')
  }
}

/** Whether this is a list of events, at most so many, as events of this room version name them. */
export function areReferences(value: unknown, most: number, rules: RoomVersionRules): value is Reference[] {
  return Array.isArray(value) && value.length <= most && value.every(referenceForms[rules.eventId])
}

/**
 * In room versions 1 and 2 nobody needs the hash beside an ID, and Synapse leaves it out of what it sends together with
 * the events that it names.
 */
const referenceForms: Record<RoomVersionRules['eventId'], (reference: Json) => boolean> = {
  given: (reference) =>
    Array.isArray(reference) &&
    reference.length === 2 &&
    typeof reference[0] === 'string' &&
    isDomainEventId(reference[0]) &&
    isObject(reference[1]) &&
    ['string', 'undefined'].includes(typeof reference[1].sha256),
  hash: (reference) => typeof reference === 'string' && isHashEventId(reference),
  'url-safe hash': (reference) => typeof reference === 'string' && isUrlHashEventId(reference),
}

function checkObjects(event: JsonObject): void {
  const { content, hashes, signatures, unsigned } = event
  if (!isObject(content)) throw badJson('content must be an object')
  if (!isObject(hashes) || typeof hashes.sha256 !== 'string') throw badJson('hashes must have a sha256')
  if (unsigned !== undefined && !isObject(unsigned)) throw badJson('unsigned must be an object')
  if (!isObject(signatures)) throw badJson('signatures must be an object')
  for (const ofServer of Object.values(signatures)) {
    if (!isObject(ofServer)) throw badJson('signatures must hold objects')
    for (const signature of Object.values(ofServer)) {
      if (typeof signature !== 'string') throw badJson('signatures must be strings')
    }
  }
}
