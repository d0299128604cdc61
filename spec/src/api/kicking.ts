import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { Empty, RoomId, UserId } from './schemas.ts'

export const kickUser = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/kick',
  spec: 'client-server-api/#post_matrixclientv3roomsroomidkick',
  auth: 'user',
  rate: 'write',
  params: Type.Object({ roomId: RoomId }),
  body: Type.Object({ user_id: UserId, reason: Type.Optional(Type.String()) }),
  json: 'canonical',
  returns: Empty,
})
