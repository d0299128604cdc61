import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { Empty, RoomId } from './schemas.ts'

export const leaveRoom = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/leave',
  spec: 'client-server-api/#post_matrixclientv3roomsroomidleave',
  auth: 'user',
  rate: 'write',
  params: Type.Object({ roomId: RoomId }),
  body: Type.Object({ reason: Type.Optional(Type.String()) }),
  bodyUse: 'optional',
  json: 'canonical',
  returns: Empty,
})

export const forgetRoom = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/forget',
  spec: 'client-server-api/#post_matrixclientv3roomsroomidforget',
  auth: 'user',
  rate: 'write',
  params: Type.Object({ roomId: RoomId }),
  returns: Empty,
})
