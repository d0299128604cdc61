import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { Empty, RoomAlias, RoomId } from './schemas.ts'

const AliasParams = Type.Object({ roomAlias: RoomAlias })

export const getRoomIdByAlias = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/directory/room/{roomAlias}',
  spec: 'client-server-api/#get_matrixclientv3directoryroomroomalias',
  auth: 'none',
  rate: 'directory',
  params: AliasParams,
  returns: Type.Object({ room_id: Type.String(), servers: Type.Array(Type.String()) }),
})

export const setRoomAlias = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/directory/room/{roomAlias}',
  spec: 'client-server-api/#put_matrixclientv3directoryroomroomalias',
  auth: 'user',
  rate: 'write',
  params: AliasParams,
  body: Type.Object({ room_id: RoomId }),
  returns: Empty,
})

export const deleteRoomAlias = endpoint({
  method: 'DELETE',
  path: '/_matrix/client/v3/directory/room/{roomAlias}',
  spec: 'client-server-api/#delete_matrixclientv3directoryroomroomalias',
  auth: 'user',
  rate: 'write',
  params: AliasParams,
  returns: Empty,
})

export const getLocalAliases = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/aliases',
  spec: 'client-server-api/#get_matrixclientv3roomsroomidaliases',
  auth: 'user',
  rate: 'read',
  params: Type.Object({ roomId: RoomId }),
  returns: Type.Object({ aliases: Type.Array(Type.String()) }),
})
