import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { ClientEvent, Content, EventId, RoomId, record } from './schemas.ts'

const Membership = Type.Enum(['join', 'invite', 'knock', 'leave', 'ban'])

export const getRoomEvent = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/event/{eventId}',
  spec: 'client-server-api/#get_matrixclientv3roomsroomideventeventid',
  auth: 'user',
  rate: 'read',
  params: Type.Object({ roomId: RoomId, eventId: EventId }),
  returns: ClientEvent,
})

export const getRoomState = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/state',
  spec: 'client-server-api/#get_matrixclientv3roomsroomidstate',
  auth: 'user',
  rate: 'read',
  params: Type.Object({ roomId: RoomId }),
  returns: Type.Array(ClientEvent),
})

/** Returns the content of the state event, or with `format=event` the whole event. */
export const getRoomStateEvent = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}',
  spec: 'client-server-api/#get_matrixclientv3roomsroomidstateeventtypestatekey',
  auth: 'user',
  rate: 'read',
  params: Type.Object({ roomId: RoomId, eventType: Type.String(), stateKey: Type.String() }),
  query: Type.Object({ format: Type.Optional(Type.Enum(['content', 'event'])) }),
  returns: Content,
  aliases: [
    '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/',
    '/_matrix/client/v3/rooms/{roomId}/state/{eventType}',
  ],
})

export const getMembers = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/members',
  spec: 'client-server-api/#get_matrixclientv3roomsroomidmembers',
  auth: 'user',
  rate: 'read',
  params: Type.Object({ roomId: RoomId }),
  query: Type.Object({
    at: Type.Optional(Type.String()),
    membership: Type.Optional(Membership),
    not_membership: Type.Optional(Membership),
  }),
  returns: Type.Object({ chunk: Type.Array(ClientEvent) }),
})

export const getJoinedMembers = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/joined_members',
  spec: 'client-server-api/#get_matrixclientv3roomsroomidjoined_members',
  auth: 'user',
  rate: 'read',
  params: Type.Object({ roomId: RoomId }),
  returns: Type.Object({
    joined: record(
      Type.Object({
        display_name: Type.Optional(Type.Union([Type.String(), Type.Null()])),
        avatar_url: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      }),
    ),
  }),
})
