import Type from 'typebox'
import { endpoint } from './endpoint.ts'

export const getJoinedRooms = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/joined_rooms',
  spec: 'client-server-api/#get_matrixclientv3joined_rooms',
  auth: 'user',
  rate: 'read',
  returns: Type.Object({ joined_rooms: Type.Array(Type.String()) }),
})
