import type { Static, TSchema } from 'typebox'
import Type from 'typebox'
import { isRoomAlias, isRoomId, isServerName, isUserId, maxIdBytes } from '../ids.ts'
import { type Json, type JsonObject, utf8Length } from '../json.ts'

const identifier = (format: string, isValid: (text: string) => boolean, what: string) =>
  Type.Refine(
    Type.String({ format }),
    (text) => typeof text === 'string' && isValid(text),
    () => `must be ${what}`,
  )

export const UserId = identifier('mx-user-id', isUserId, 'a user ID')
export const RoomId = identifier('mx-room-id', isRoomId, 'a room ID')
export const RoomAlias = identifier('mx-room-alias', isRoomAlias, 'a room alias')
/** Not the grammar of event IDs in full: an event that cannot exist is answered as any other that is not there. */
export const EventId = identifier(
  'mx-event-id',
  (text) => text.startsWith('$') && utf8Length(text) <= maxIdBytes,
  'an event ID',
)
export const ServerName = identifier('mx-server-name', isServerName, 'a server name')
export const RoomIdOrAlias = identifier(
  'mx-room-id-or-alias',
  (text) => isRoomId(text) || isRoomAlias(text),
  'a room ID or a room alias',
)

/** A JSON object of any content, of an event for instance. */
export const Content = Type.Unsafe<JsonObject>({ type: 'object' })

/** Any JSON. */
export const AnyJson = Type.Unsafe<Json>({})

/** Milliseconds since 1970. */
export const Timestamp = Type.Integer()

/**
 * An object with any keys and values of one kind. `Type.Record` would let values under keys that
 * hold a line break pass unchecked.
 */
export function record<Value extends TSchema>(value: Value) {
  return Type.Unsafe<Record<string, Static<Value>>>({ type: 'object', additionalProperties: value })
}

/** The answer of an operation that only succeeds or fails. */
export const Empty = Type.Object({})

/** The request parameter of interactive authentication; which members are present depends on the stage. */
export const AuthData = Type.Object({
  type: Type.Optional(Type.String()),
  session: Type.Optional(Type.String()),
  identifier: Type.Optional(Content),
  user: Type.Optional(Type.String()),
  password: Type.Optional(Type.String()),
  token: Type.Optional(Type.String()),
})

/** An event as clients see it. `room_id` is absent inside /sync. */
export const ClientEvent = Type.Object({
  type: Type.String(),
  sender: Type.String(),
  event_id: Type.String(),
  room_id: Type.Optional(Type.String()),
  origin_server_ts: Timestamp,
  content: Content,
  state_key: Type.Optional(Type.String()),
  redacts: Type.Optional(Type.String()),
  unsigned: Type.Optional(Content),
})
export type ClientEvent = Static<typeof ClientEvent>

/** Account data, typing, receipts: a type and a content. */
export const BareEvent = Type.Object({ type: Type.String(), content: Content })
export type BareEvent = Static<typeof BareEvent>

/** What somebody outside a room is shown of its state. */
export const StrippedState = Type.Object({
  type: Type.String(),
  state_key: Type.String(),
  sender: Type.String(),
  content: Content,
})
export type StrippedState = Static<typeof StrippedState>
