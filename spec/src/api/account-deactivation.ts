import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { AuthData } from './schemas.ts'

export const deactivate = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/account/deactivate',
  spec: 'client-server-api/#post_matrixclientv3accountdeactivate',
  auth: 'user',
  rate: 'login',
  body: Type.Object({
    auth: Type.Optional(AuthData),
    id_server: Type.Optional(Type.String()),
    erase: Type.Optional(Type.Boolean()),
  }),
  returns: Type.Object({ id_server_unbind_result: Type.Enum(['success', 'no-support']) }),
})
