import Type from 'typebox'
import { endpoint } from './endpoint.ts'

export const whoAmI = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/account/whoami',
  spec: 'client-server-api/#get_matrixclientv3accountwhoami',
  auth: 'user',
  rate: 'read',
  returns: Type.Object({
    user_id: Type.String(),
    device_id: Type.Optional(Type.String()),
    is_guest: Type.Optional(Type.Boolean()),
  }),
})
