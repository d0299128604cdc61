import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { EventId, RoomId } from './schemas.ts'

export const redactEvent = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/rooms/{roomId}/redact/{eventId}/{txnId}',
  spec: 'client-server-api/#put_matrixclientv3roomsroomidredacteventidtxnid',
  auth: 'user',
  rate: 'send',
  params: Type.Object({ roomId: RoomId, eventId: EventId, txnId: Type.String() }),
  body: Type.Object({ reason: Type.Optional(Type.String()) }),
  bodyUse: 'optional',
  json: 'canonical',
  returns: Type.Object({ event_id: Type.String() }),
})
