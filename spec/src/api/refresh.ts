import Type from 'typebox'
import { endpoint } from './endpoint.ts'

export const refresh = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/refresh',
  spec: 'client-server-api/#post_matrixclientv3refresh',
  auth: 'none',
  rate: 'login',
  body: Type.Object({ refresh_token: Type.String() }),
  returns: Type.Object({
    access_token: Type.String(),
    refresh_token: Type.Optional(Type.String()),
    expires_in_ms: Type.Optional(Type.Integer()),
  }),
})
