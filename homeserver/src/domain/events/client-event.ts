/**
 * Events as clients see them. What is the same for everybody is encoded once and kept beside the event; each
 * reader adds a tail of his own.
 */
import type { ClientEvent } from '@kith/spec/api/schemas'
import type { JsonObject } from '@kith/spec/json'
import type { Membership } from '../../storage/event-inserts.ts'
import type { UserNumber } from '../../storage/interning.ts'
import type { StoredEvent } from '../../storage/stored-event.ts'

/** What only one reader sees of an event. Source: client-server-api, "Room event format", `unsigned`. */
export interface Unsigned {
  /** Milliseconds since its sender says he sent it. */
  age: number
  /** Only for the device that sent it (checklist V6). */
  transaction_id?: string
  /** The reader's own membership when the event was sent. */
  membership?: Membership
  prev_content?: JsonObject
  prev_sender?: string
  replaces_state?: string
  redacted_because?: ClientEvent
  'm.relations'?: JsonObject
}

/** An event with what its reader gets beside it. */
export interface Rendered {
  event: StoredEvent
  unsigned: Unsigned
}

const bodies = new WeakMap<StoredEvent, string>()

/** The members that all readers share, but for `room_id`. */
function sharedMembers({ eventId, pdu, redacts }: StoredEvent): ClientEvent {
  const { content, origin_server_ts, sender, type } = pdu
  const shared: ClientEvent = { content, event_id: eventId, origin_server_ts, sender, type }
  if (pdu.state_key !== undefined) shared.state_key = pdu.state_key
  const isGone = content.redacts === undefined && pdu.redacts === undefined
  if (redacts === undefined || isGone) return shared
  // Room versions differ in where a redaction names its target; clients may look in either place.
  return { ...shared, content: { ...content, redacts }, redacts }
}

/** The shared members as JSON, without the braces. */
function sharedText(event: StoredEvent): string {
  const held = bodies.get(event)
  if (held !== undefined) return held
  const text = JSON.stringify(sharedMembers(event)).slice(1, -1)
  bodies.set(event, text)
  return text
}

/** An event as JSON. In /sync the room is told by where the event stands: `withRoom` is false there. */
export function encodeEvent({ event, unsigned }: Rendered, withRoom: boolean): string {
  const room = withRoom ? `,"room_id":${JSON.stringify(event.roomId)}` : ''
  return `{${sharedText(event)}${room},"unsigned":${JSON.stringify(unsigned)}}`
}

/** An event as an object. */
export function clientEvent({ event, unsigned }: Rendered, withRoom = true): ClientEvent {
  const shared = sharedMembers(event)
  return { ...shared, ...(withRoom ? { room_id: event.roomId } : {}), unsigned: { ...unsigned } }
}

/** An event as servers see it, for filters with `event_format: federation`. */
export function federationEvent({ event, unsigned }: Rendered): JsonObject {
  const pdu: JsonObject = { room_id: event.roomId, event_id: event.eventId }
  for (const [key, value] of Object.entries(event.pdu)) if (value !== undefined) pdu[key] = value
  return { ...pdu, unsigned: { ...unsigned } }
}

/** Who reads: the events he gets, and the tails they have, depend on it. */
export interface Reader {
  userId: string
  user: UserNumber
  deviceId?: string
}
