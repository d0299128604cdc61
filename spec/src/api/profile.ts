import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { Content, Empty, UserId } from './schemas.ts'

const FieldParams = Type.Object({ userId: UserId, keyName: Type.String() })

export const getProfile = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/profile/{userId}',
  spec: 'client-server-api/#get_matrixclientv3profileuserid',
  auth: 'none',
  rate: 'read',
  params: Type.Object({ userId: UserId }),
  returns: Content,
})

export const getProfileField = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/profile/{userId}/{keyName}',
  spec: 'client-server-api/#get_matrixclientv3profileuseridkeyname',
  auth: 'none',
  rate: 'read',
  params: FieldParams,
  returns: Content,
})

/** The body holds the one member that the path names. */
export const setProfileField = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/profile/{userId}/{keyName}',
  spec: 'client-server-api/#put_matrixclientv3profileuseridkeyname',
  auth: 'user',
  rate: 'write',
  params: FieldParams,
  body: Content,
  json: 'canonical',
  returns: Empty,
})

export const deleteProfileField = endpoint({
  method: 'DELETE',
  path: '/_matrix/client/v3/profile/{userId}/{keyName}',
  spec: 'client-server-api/#delete_matrixclientv3profileuseridkeyname',
  auth: 'user',
  rate: 'write',
  params: FieldParams,
  returns: Empty,
})
