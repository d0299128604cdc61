import Type from 'typebox'
import { endpoint } from '../endpoint.ts'

export const getWellKnownServer = endpoint({
  method: 'GET',
  path: '/.well-known/matrix/server',
  spec: 'server-server-api/#getwell-knownmatrixserver',
  auth: 'none',
  rate: 'none',
  returns: Type.Object({ 'm.server': Type.String() }),
})
