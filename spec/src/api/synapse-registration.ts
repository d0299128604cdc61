import Type from 'typebox'
import { endpoint } from './endpoint.ts'

export const getRegistrationNonce = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/register',
  spec: 'synapse/admin_api/register_api',
  auth: 'none',
  rate: 'register',
  returns: Type.Object({ nonce: Type.String() }),
})

/** Makes an account for whoever knows the shared secret: `mac` is the hexadecimal HMAC-SHA1 over nonce, name, password and role. */
export const registerWithSecret = endpoint({
  method: 'POST',
  path: '/_synapse/admin/v1/register',
  spec: 'synapse/admin_api/register_api',
  auth: 'none',
  rate: 'register',
  body: Type.Object({
    nonce: Type.String(),
    username: Type.String(),
    password: Type.String(),
    mac: Type.String(),
    admin: Type.Optional(Type.Boolean()),
    displayname: Type.Optional(Type.String()),
    user_type: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  }),
  returns: Type.Object({
    user_id: Type.String(),
    access_token: Type.String(),
    device_id: Type.String(),
    home_server: Type.String(),
  }),
})
