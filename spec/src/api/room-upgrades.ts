import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { RoomId, UserId } from './schemas.ts'

export const upgradeRoom = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/upgrade',
  spec: 'client-server-api/#post_matrixclientv3roomsroomidupgrade',
  auth: 'user',
  rate: 'create',
  params: Type.Object({ roomId: RoomId }),
  body: Type.Object({
    new_version: Type.String(),
    /** Ignored where the new version gives its creators no privilege. */
    additional_creators: Type.Optional(Type.Array(UserId)),
  }),
  json: 'canonical',
  returns: Type.Object({ replacement_room: Type.String() }),
})
