import Type from 'typebox'
import { endpoint } from '../endpoint.ts'
import { Content, Empty, EventId, RoomId, UserId } from '../schemas.ts'

export const makeLeave = endpoint({
  method: 'GET',
  path: '/_matrix/federation/v1/make_leave/{roomId}/{userId}',
  spec: 'server-server-api/#get_matrixfederationv1make_leaveroomiduserid',
  auth: 'server',
  rate: 'federation',
  params: Type.Object({ roomId: RoomId, userId: UserId }),
  returns: Type.Object({ room_version: Type.String(), event: Content }),
})

/** The event is parsed as its room's version wants. */
export const sendLeave = endpoint({
  method: 'PUT',
  path: '/_matrix/federation/v2/send_leave/{roomId}/{eventId}',
  spec: 'server-server-api/#put_matrixfederationv2send_leaveroomideventid',
  auth: 'server',
  rate: 'federation',
  params: Type.Object({ roomId: RoomId, eventId: EventId }),
  body: Content,
  returns: Empty,
})
