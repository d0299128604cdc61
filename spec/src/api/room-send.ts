import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { Content, RoomId, Timestamp } from './schemas.ts'

export const sendMessage = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}',
  spec: 'client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid',
  auth: 'user',
  rate: 'send',
  params: Type.Object({ roomId: RoomId, eventType: Type.String(), txnId: Type.String() }),
  /** `ts` is honoured for application services only. */
  query: Type.Object({ ts: Type.Optional(Timestamp) }),
  body: Content,
  json: 'canonical',
  returns: Type.Object({ event_id: Type.String() }),
})
