import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { Content, RoomId, Timestamp } from './schemas.ts'

export const setRoomState = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}',
  spec: 'client-server-api/#put_matrixclientv3roomsroomidstateeventtypestatekey',
  auth: 'user',
  rate: 'send',
  params: Type.Object({ roomId: RoomId, eventType: Type.String(), stateKey: Type.String() }),
  /** `ts` is honoured for application services only. */
  query: Type.Object({ ts: Type.Optional(Timestamp) }),
  body: Content,
  json: 'canonical',
  returns: Type.Object({ event_id: Type.String() }),
  aliases: [
    '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/',
    '/_matrix/client/v3/rooms/{roomId}/state/{eventType}',
  ],
})
