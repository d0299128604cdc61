import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { ClientEvent, EventId, RoomId } from './schemas.ts'

export const getEventContext = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/context/{eventId}',
  spec: 'client-server-api/#get_matrixclientv3roomsroomidcontexteventid',
  auth: 'user',
  rate: 'read',
  params: Type.Object({ roomId: RoomId, eventId: EventId }),
  query: Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 0 })),
    /** A `RoomEventFilter` as JSON. */
    filter: Type.Optional(Type.String()),
  }),
  returns: Type.Object({
    event: ClientEvent,
    events_before: Type.Array(ClientEvent),
    events_after: Type.Array(ClientEvent),
    state: Type.Array(ClientEvent),
    start: Type.Optional(Type.String()),
    end: Type.Optional(Type.String()),
  }),
})
