import Type from 'typebox'
import { endpoint } from '../endpoint.ts'
import { AnyJson, Content, EventId, RoomId } from '../schemas.ts'

const InviteParams = Type.Object({ roomId: RoomId, eventId: EventId })

/** Of rooms of versions 1 and 2. The body is the event itself, with the stripped state in `unsigned`. */
export const sendInviteV1 = endpoint({
  method: 'PUT',
  path: '/_matrix/federation/v1/invite/{roomId}/{eventId}',
  spec: 'server-server-api/#put_matrixfederationv1inviteroomideventid',
  auth: 'server',
  rate: 'invite',
  params: InviteParams,
  body: Content,
  returns: Type.Tuple([Type.Literal(200), Type.Object({ event: Content })]),
})

/** `event` and the stripped state are checked by the rules for events, not by shape. */
export const sendInvite = endpoint({
  method: 'PUT',
  path: '/_matrix/federation/v2/invite/{roomId}/{eventId}',
  spec: 'server-server-api/#put_matrixfederationv2inviteroomideventid',
  auth: 'server',
  rate: 'invite',
  params: InviteParams,
  body: Type.Object({
    room_version: Type.String(),
    event: Content,
    invite_room_state: Type.Optional(Type.Array(AnyJson)),
  }),
  returns: Type.Object({ event: Content }),
})
