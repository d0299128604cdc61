import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { ClientEvent, RoomId } from './schemas.ts'

export const getMessages = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/messages',
  spec: 'client-server-api/#get_matrixclientv3roomsroomidmessages',
  auth: 'user',
  rate: 'read',
  params: Type.Object({ roomId: RoomId }),
  query: Type.Object({
    dir: Type.Enum(['b', 'f']),
    from: Type.Optional(Type.String()),
    to: Type.Optional(Type.String()),
    limit: Type.Optional(Type.Integer({ minimum: 0 })),
    /** A `RoomEventFilter` as JSON. */
    filter: Type.Optional(Type.String()),
  }),
  returns: Type.Object({
    chunk: Type.Array(ClientEvent),
    start: Type.String(),
    end: Type.Optional(Type.String()),
    state: Type.Optional(Type.Array(ClientEvent)),
  }),
})
