import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { Empty, RoomId, UserId } from './schemas.ts'

export const setTyping = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/rooms/{roomId}/typing/{userId}',
  spec: 'client-server-api/#put_matrixclientv3roomsroomidtypinguserid',
  auth: 'user',
  rate: 'typing',
  params: Type.Object({ roomId: RoomId, userId: UserId }),
  /** `timeout` in milliseconds. */
  body: Type.Object({
    typing: Type.Boolean(),
    timeout: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
  returns: Empty,
})
