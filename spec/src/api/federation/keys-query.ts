import Type from 'typebox'
import { endpoint } from '../endpoint.ts'
import { record, ServerName, Timestamp } from '../schemas.ts'
import { ServerKeys } from './keys-server.ts'

const Answer = Type.Object({ server_keys: Type.Array(ServerKeys) })

export const queryKeysOfServer = endpoint({
  method: 'GET',
  path: '/_matrix/key/v2/query/{serverName}',
  spec: 'server-server-api/#get_matrixkeyv2queryservername',
  auth: 'none',
  rate: 'federation',
  params: Type.Object({ serverName: ServerName }),
  query: Type.Object({ minimum_valid_until_ts: Type.Optional(Timestamp) }),
  returns: Answer,
  aliases: ['/_matrix/key/v2/query/{serverName}/{keyId}'],
})

/** The outer keys are server names, the inner ones key IDs; no key IDs means all keys. */
export const queryKeysOfServers = endpoint({
  method: 'POST',
  path: '/_matrix/key/v2/query',
  spec: 'server-server-api/#post_matrixkeyv2query',
  auth: 'none',
  rate: 'federation',
  body: Type.Object({
    server_keys: record(record(Type.Object({ minimum_valid_until_ts: Type.Optional(Timestamp) }))),
  }),
  returns: Answer,
})
