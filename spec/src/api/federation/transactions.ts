import Type from 'typebox'
import { endpoint } from '../endpoint.ts'
import { AnyJson, record, Timestamp } from '../schemas.ts'

/** Items are checked one by one, so that a bad one is dropped alone. */
export const sendTransaction = endpoint({
  method: 'PUT',
  path: '/_matrix/federation/v1/send/{txnId}',
  spec: 'server-server-api/#put_matrixfederationv1sendtxnid',
  auth: 'server',
  rate: 'federation',
  params: Type.Object({ txnId: Type.String() }),
  body: Type.Object({
    origin: Type.String(),
    origin_server_ts: Timestamp,
    pdus: Type.Array(AnyJson),
    edus: Type.Optional(Type.Array(AnyJson)),
  }),
  returns: Type.Object({ pdus: record(Type.Object({ error: Type.Optional(Type.String()) })) }),
})
