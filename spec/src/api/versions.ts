import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { record } from './schemas.ts'

export const getVersions = endpoint({
  method: 'GET',
  path: '/_matrix/client/versions',
  spec: 'client-server-api/#get_matrixclientversions',
  auth: 'optional',
  rate: 'none',
  returns: Type.Object({
    versions: Type.Array(Type.String()),
    unstable_features: Type.Optional(record(Type.Boolean())),
  }),
})
