import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { Empty, EventId, RoomId } from './schemas.ts'

export const setReadMarkers = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/read_markers',
  spec: 'client-server-api/#post_matrixclientv3roomsroomidread_markers',
  auth: 'user',
  rate: 'receipt',
  params: Type.Object({ roomId: RoomId }),
  body: Type.Object({
    'm.fully_read': Type.Optional(EventId),
    'm.read': Type.Optional(EventId),
    'm.read.private': Type.Optional(EventId),
  }),
  returns: Empty,
})
