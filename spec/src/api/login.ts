import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { Content } from './schemas.ts'
import { WellKnownClient } from './wellknown.ts'

export const getLoginFlows = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/login',
  spec: 'client-server-api/#get_matrixclientv3login',
  auth: 'none',
  rate: 'read',
  returns: Type.Object({
    flows: Type.Array(Type.Object({ type: Type.String(), get_login_token: Type.Optional(Type.Boolean()) })),
  }),
})

export const login = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/login',
  spec: 'client-server-api/#post_matrixclientv3login',
  auth: 'none',
  rate: 'login',
  body: Type.Object({
    type: Type.String(),
    identifier: Type.Optional(Content),
    user: Type.Optional(Type.String()),
    medium: Type.Optional(Type.String()),
    address: Type.Optional(Type.String()),
    password: Type.Optional(Type.String()),
    token: Type.Optional(Type.String()),
    device_id: Type.Optional(Type.String()),
    initial_device_display_name: Type.Optional(Type.String()),
    refresh_token: Type.Optional(Type.Boolean()),
  }),
  returns: Type.Object({
    user_id: Type.String(),
    access_token: Type.String(),
    device_id: Type.String(),
    home_server: Type.Optional(Type.String()),
    refresh_token: Type.Optional(Type.String()),
    expires_in_ms: Type.Optional(Type.Integer()),
    well_known: Type.Optional(WellKnownClient),
  }),
})
