import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { RoomIdOrAlias, ServerName } from './schemas.ts'

export const knockOnRoom = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/knock/{roomIdOrAlias}',
  spec: 'client-server-api/#post_matrixclientv3knockroomidoralias',
  auth: 'user',
  rate: 'join',
  params: Type.Object({ roomIdOrAlias: RoomIdOrAlias }),
  query: Type.Object({
    via: Type.Optional(Type.Array(ServerName)),
    /** What `via` was called before v1.12. */
    server_name: Type.Optional(Type.Array(ServerName)),
  }),
  body: Type.Object({ reason: Type.Optional(Type.String()) }),
  bodyUse: 'optional',
  json: 'canonical',
  returns: Type.Object({ room_id: Type.String() }),
})
