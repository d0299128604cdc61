import Type from 'typebox'
import { endpoint } from '../endpoint.ts'

export const getServerVersion = endpoint({
  method: 'GET',
  path: '/_matrix/federation/v1/version',
  spec: 'server-server-api/#get_matrixfederationv1version',
  auth: 'none',
  rate: 'federation',
  returns: Type.Object({ server: Type.Object({ name: Type.String(), version: Type.String() }) }),
})
