import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { Empty, RoomId, UserId } from './schemas.ts'

export const inviteUser = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/invite',
  spec: 'client-server-api/#post_matrixclientv3roomsroomidinvite',
  auth: 'user',
  rate: 'invite',
  params: Type.Object({ roomId: RoomId }),
  body: Type.Object({ user_id: UserId, reason: Type.Optional(Type.String()) }),
  json: 'canonical',
  returns: Empty,
})
