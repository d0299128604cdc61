import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { RoomId, RoomIdOrAlias, record, ServerName, UserId } from './schemas.ts'

const JoinBody = Type.Object({
  reason: Type.Optional(Type.String()),
  third_party_signed: Type.Optional(
    Type.Object({
      sender: UserId,
      mxid: UserId,
      token: Type.String(),
      signatures: record(record(Type.String())),
    }),
  ),
})

const Joined = Type.Object({ room_id: Type.String() })

export const joinRoomById = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/join',
  spec: 'client-server-api/#post_matrixclientv3roomsroomidjoin',
  auth: 'user',
  rate: 'join',
  params: Type.Object({ roomId: RoomId }),
  body: JoinBody,
  bodyUse: 'optional',
  json: 'canonical',
  returns: Joined,
})

export const joinRoom = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/join/{roomIdOrAlias}',
  spec: 'client-server-api/#post_matrixclientv3joinroomidoralias',
  auth: 'user',
  rate: 'join',
  params: Type.Object({ roomIdOrAlias: RoomIdOrAlias }),
  query: Type.Object({
    via: Type.Optional(Type.Array(ServerName)),
    /** What `via` was called before v1.12. */
    server_name: Type.Optional(Type.Array(ServerName)),
  }),
  body: JoinBody,
  bodyUse: 'optional',
  json: 'canonical',
  returns: Joined,
})
