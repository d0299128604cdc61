import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { ClientEvent, EventId, RoomId } from './schemas.ts'

const Page = Type.Object({
  from: Type.Optional(Type.String()),
  to: Type.Optional(Type.String()),
  limit: Type.Optional(Type.Integer({ minimum: 0 })),
  dir: Type.Optional(Type.Enum(['b', 'f'])),
  recurse: Type.Optional(Type.Boolean()),
})

const Relations = Type.Object({
  chunk: Type.Array(ClientEvent),
  next_batch: Type.Optional(Type.String()),
  prev_batch: Type.Optional(Type.String()),
  recursion_depth: Type.Optional(Type.Integer()),
})

export const getRelations = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/rooms/{roomId}/relations/{eventId}',
  spec: 'client-server-api/#get_matrixclientv1roomsroomidrelationseventid',
  auth: 'user',
  rate: 'read',
  params: Type.Object({ roomId: RoomId, eventId: EventId }),
  query: Page,
  returns: Relations,
  aliases: ['/_matrix/client/unstable/rooms/{roomId}/relations/{eventId}'],
})

export const getRelationsOfType = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}',
  spec: 'client-server-api/#get_matrixclientv1roomsroomidrelationseventidreltype',
  auth: 'user',
  rate: 'read',
  params: Type.Object({ roomId: RoomId, eventId: EventId, relType: Type.String() }),
  query: Page,
  returns: Relations,
  aliases: ['/_matrix/client/unstable/rooms/{roomId}/relations/{eventId}/{relType}'],
})

export const getRelationsOfTypeAndEventType = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}',
  spec: 'client-server-api/#get_matrixclientv1roomsroomidrelationseventidreltypeeventtype',
  auth: 'user',
  rate: 'read',
  params: Type.Object({
    roomId: RoomId,
    eventId: EventId,
    relType: Type.String(),
    eventType: Type.String(),
  }),
  query: Page,
  returns: Relations,
  aliases: ['/_matrix/client/unstable/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}'],
})
