import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { Content, Empty, RoomId, UserId } from './schemas.ts'

const GlobalParams = Type.Object({ userId: UserId, type: Type.String() })
const RoomParams = Type.Object({ userId: UserId, roomId: RoomId, type: Type.String() })

export const getAccountData = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/user/{userId}/account_data/{type}',
  spec: 'client-server-api/#get_matrixclientv3useruseridaccount_datatype',
  auth: 'user',
  rate: 'read',
  params: GlobalParams,
  returns: Content,
})

export const setAccountData = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/user/{userId}/account_data/{type}',
  spec: 'client-server-api/#put_matrixclientv3useruseridaccount_datatype',
  auth: 'user',
  rate: 'write',
  params: GlobalParams,
  body: Content,
  returns: Empty,
})

export const getRoomAccountData = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}',
  spec: 'client-server-api/#get_matrixclientv3useruseridroomsroomidaccount_datatype',
  auth: 'user',
  rate: 'read',
  params: RoomParams,
  returns: Content,
})

export const setRoomAccountData = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}',
  spec: 'client-server-api/#put_matrixclientv3useruseridroomsroomidaccount_datatype',
  auth: 'user',
  rate: 'write',
  params: RoomParams,
  body: Content,
  returns: Empty,
})
