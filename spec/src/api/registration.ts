import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { AuthData } from './schemas.ts'

export const register = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/register',
  spec: 'client-server-api/#post_matrixclientv3register',
  auth: 'none',
  rate: 'register',
  query: Type.Object({ kind: Type.Optional(Type.Enum(['user', 'guest'])) }),
  body: Type.Object({
    auth: Type.Optional(AuthData),
    /** Only with the login type of application services. */
    type: Type.Optional(Type.String()),
    username: Type.Optional(Type.String()),
    password: Type.Optional(Type.String()),
    device_id: Type.Optional(Type.String()),
    initial_device_display_name: Type.Optional(Type.String()),
    inhibit_login: Type.Optional(Type.Boolean()),
    refresh_token: Type.Optional(Type.Boolean()),
  }),
  returns: Type.Object({
    user_id: Type.String(),
    access_token: Type.Optional(Type.String()),
    device_id: Type.Optional(Type.String()),
    home_server: Type.Optional(Type.String()),
    refresh_token: Type.Optional(Type.String()),
    expires_in_ms: Type.Optional(Type.Integer()),
  }),
})

export const isNameAvailable = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/register/available',
  spec: 'client-server-api/#get_matrixclientv3registeravailable',
  auth: 'none',
  rate: 'register',
  query: Type.Object({ username: Type.String() }),
  returns: Type.Object({ available: Type.Boolean() }),
})
