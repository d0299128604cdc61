import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { Empty, EventId, RoomId } from './schemas.ts'

export const postReceipt = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/receipt/{receiptType}/{eventId}',
  spec: 'client-server-api/#post_matrixclientv3roomsroomidreceiptreceipttypeeventid',
  auth: 'user',
  rate: 'receipt',
  params: Type.Object({
    roomId: RoomId,
    receiptType: Type.Enum(['m.read', 'm.read.private', 'm.fully_read']),
    eventId: EventId,
  }),
  body: Type.Object({ thread_id: Type.Optional(Type.String()) }),
  bodyUse: 'optional',
  returns: Empty,
})
