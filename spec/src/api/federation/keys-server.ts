import type { Static } from 'typebox'
import Type from 'typebox'
import { endpoint } from '../endpoint.ts'
import { record, Timestamp } from '../schemas.ts'

/** The keys of one server, signed by itself and, from a notary, by the notary too. Keys are unpadded base64. */
export const ServerKeys = Type.Object({
  server_name: Type.String(),
  valid_until_ts: Timestamp,
  verify_keys: record(Type.Object({ key: Type.String() })),
  old_verify_keys: Type.Optional(record(Type.Object({ key: Type.String(), expired_ts: Timestamp }))),
  signatures: record(record(Type.String())),
})
export type ServerKeys = Static<typeof ServerKeys>

export const getServerKeys = endpoint({
  method: 'GET',
  path: '/_matrix/key/v2/server',
  spec: 'server-server-api/#get_matrixkeyv2server',
  auth: 'none',
  rate: 'federation',
  returns: ServerKeys,
  aliases: ['/_matrix/key/v2/server/', '/_matrix/key/v2/server/{keyId}'],
})
