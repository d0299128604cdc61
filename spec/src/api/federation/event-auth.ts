import Type from 'typebox'
import { endpoint } from '../endpoint.ts'
import { Content, EventId, RoomId } from '../schemas.ts'

export const getEventAuth = endpoint({
  method: 'GET',
  path: '/_matrix/federation/v1/event_auth/{roomId}/{eventId}',
  spec: 'server-server-api/#get_matrixfederationv1event_authroomideventid',
  auth: 'server',
  rate: 'federation',
  params: Type.Object({ roomId: RoomId, eventId: EventId }),
  returns: Type.Object({ auth_chain: Type.Array(Content) }),
})
