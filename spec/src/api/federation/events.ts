import type { Static } from 'typebox'
import Type from 'typebox'
import { endpoint } from '../endpoint.ts'
import { Content, EventId, RoomId, Timestamp } from '../schemas.ts'

/** How events travel when they are asked for. */
export const PduTransaction = Type.Object({
  origin: Type.String(),
  origin_server_ts: Timestamp,
  pdus: Type.Array(Content),
})
export type PduTransaction = Static<typeof PduTransaction>

export const getEvent = endpoint({
  method: 'GET',
  path: '/_matrix/federation/v1/event/{eventId}',
  spec: 'server-server-api/#get_matrixfederationv1eventeventid',
  auth: 'server',
  rate: 'federation',
  params: Type.Object({ eventId: EventId }),
  returns: PduTransaction,
})

/** The state before the event. */
export const getStateAtEvent = endpoint({
  method: 'GET',
  path: '/_matrix/federation/v1/state/{roomId}',
  spec: 'server-server-api/#get_matrixfederationv1stateroomid',
  auth: 'server',
  rate: 'federation',
  params: Type.Object({ roomId: RoomId }),
  query: Type.Object({ event_id: EventId }),
  returns: Type.Object({ auth_chain: Type.Array(Content), pdus: Type.Array(Content) }),
})

export const getStateIdsAtEvent = endpoint({
  method: 'GET',
  path: '/_matrix/federation/v1/state_ids/{roomId}',
  spec: 'server-server-api/#get_matrixfederationv1state_idsroomid',
  auth: 'server',
  rate: 'federation',
  params: Type.Object({ roomId: RoomId }),
  query: Type.Object({ event_id: EventId }),
  returns: Type.Object({
    auth_chain_ids: Type.Array(Type.String()),
    pdu_ids: Type.Array(Type.String()),
  }),
})
