import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { Empty, RoomId, UserId } from './schemas.ts'

const Target = Type.Object({ user_id: UserId, reason: Type.Optional(Type.String()) })

export const banUser = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/ban',
  spec: 'client-server-api/#post_matrixclientv3roomsroomidban',
  auth: 'user',
  rate: 'write',
  params: Type.Object({ roomId: RoomId }),
  body: Target,
  json: 'canonical',
  returns: Empty,
})

export const unbanUser = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/unban',
  spec: 'client-server-api/#post_matrixclientv3roomsroomidunban',
  auth: 'user',
  rate: 'write',
  params: Type.Object({ roomId: RoomId }),
  body: Target,
  json: 'canonical',
  returns: Empty,
})
