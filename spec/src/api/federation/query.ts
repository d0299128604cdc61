import Type from 'typebox'
import { endpoint } from '../endpoint.ts'
import { Content, RoomAlias, UserId } from '../schemas.ts'

export const queryDirectory = endpoint({
  method: 'GET',
  path: '/_matrix/federation/v1/query/directory',
  spec: 'server-server-api/#get_matrixfederationv1querydirectory',
  auth: 'server',
  rate: 'federation',
  query: Type.Object({ room_alias: RoomAlias }),
  returns: Type.Object({ room_id: Type.String(), servers: Type.Array(Type.String()) }),
})

export const queryProfile = endpoint({
  method: 'GET',
  path: '/_matrix/federation/v1/query/profile',
  spec: 'server-server-api/#get_matrixfederationv1queryprofile',
  auth: 'server',
  rate: 'federation',
  query: Type.Object({ user_id: UserId, field: Type.Optional(Type.String()) }),
  returns: Content,
})
