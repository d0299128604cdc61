import Type from 'typebox'
import { endpoint } from '../endpoint.ts'
import { Content, EventId, RoomId, UserId } from '../schemas.ts'

export const makeJoin = endpoint({
  method: 'GET',
  path: '/_matrix/federation/v1/make_join/{roomId}/{userId}',
  spec: 'server-server-api/#get_matrixfederationv1make_joinroomiduserid',
  auth: 'server',
  rate: 'federation',
  params: Type.Object({ roomId: RoomId, userId: UserId }),
  /** Room versions that the joining server knows; version 1 alone when absent. */
  query: Type.Object({ ver: Type.Optional(Type.Array(Type.String())) }),
  returns: Type.Object({ room_version: Type.String(), event: Content }),
})

/** The event is parsed as its room's version wants. */
export const sendJoin = endpoint({
  method: 'PUT',
  path: '/_matrix/federation/v2/send_join/{roomId}/{eventId}',
  spec: 'server-server-api/#put_matrixfederationv2send_joinroomideventid',
  auth: 'server',
  rate: 'join',
  params: Type.Object({ roomId: RoomId, eventId: EventId }),
  query: Type.Object({ omit_members: Type.Optional(Type.Boolean()) }),
  body: Content,
  returns: Type.Object({
    event: Type.Optional(Content),
    state: Type.Array(Content),
    auth_chain: Type.Array(Content),
    members_omitted: Type.Optional(Type.Boolean()),
    servers_in_room: Type.Optional(Type.Array(Type.String())),
  }),
})
