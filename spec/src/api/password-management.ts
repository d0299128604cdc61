import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { AuthData, Empty } from './schemas.ts'

/** Without a way to confirm by e-mail, only whoever is signed in can change a password. */
export const changePassword = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/account/password',
  spec: 'client-server-api/#post_matrixclientv3accountpassword',
  auth: 'user',
  rate: 'login',
  body: Type.Object({
    new_password: Type.String(),
    logout_devices: Type.Optional(Type.Boolean()),
    auth: Type.Optional(AuthData),
  }),
  returns: Empty,
})
