import Type from 'typebox'
import { endpoint } from '../endpoint.ts'
import { Content, EventId, RoomId, UserId } from '../schemas.ts'

export const makeKnock = endpoint({
  method: 'GET',
  path: '/_matrix/federation/v1/make_knock/{roomId}/{userId}',
  spec: 'server-server-api/#get_matrixfederationv1make_knockroomiduserid',
  auth: 'server',
  rate: 'federation',
  params: Type.Object({ roomId: RoomId, userId: UserId }),
  /** Room versions that the knocking server knows. */
  query: Type.Object({ ver: Type.Array(Type.String()) }),
  returns: Type.Object({ room_version: Type.String(), event: Content }),
})

/** The event is parsed as its room's version wants. */
export const sendKnock = endpoint({
  method: 'PUT',
  path: '/_matrix/federation/v1/send_knock/{roomId}/{eventId}',
  spec: 'server-server-api/#put_matrixfederationv1send_knockroomideventid',
  auth: 'server',
  rate: 'join',
  params: Type.Object({ roomId: RoomId, eventId: EventId }),
  body: Content,
  returns: Type.Object({ knock_room_state: Type.Array(Content) }),
})
