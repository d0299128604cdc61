import { endpoint } from './endpoint.ts'
import { Empty } from './schemas.ts'

export const logout = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/logout',
  spec: 'client-server-api/#post_matrixclientv3logout',
  auth: 'user',
  rate: 'write',
  returns: Empty,
})

export const logoutAll = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/logout/all',
  spec: 'client-server-api/#post_matrixclientv3logoutall',
  auth: 'user',
  rate: 'write',
  returns: Empty,
})
