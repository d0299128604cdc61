import Type from 'typebox'
import { endpoint } from './endpoint.ts'

export const WellKnownClient = Type.Object({
  'm.homeserver': Type.Object({ base_url: Type.String() }),
  'm.identity_server': Type.Optional(Type.Object({ base_url: Type.String() })),
})

export const getWellKnownClient = endpoint({
  method: 'GET',
  path: '/.well-known/matrix/client',
  spec: 'client-server-api/#getwell-knownmatrixclient',
  auth: 'none',
  rate: 'none',
  returns: WellKnownClient,
})
