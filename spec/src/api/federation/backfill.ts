import Type from 'typebox'
import { endpoint } from '../endpoint.ts'
import { Content, EventId, RoomId } from '../schemas.ts'
import { PduTransaction } from './events.ts'

export const backfillRoom = endpoint({
  method: 'GET',
  path: '/_matrix/federation/v1/backfill/{roomId}',
  spec: 'server-server-api/#get_matrixfederationv1backfillroomid',
  auth: 'server',
  rate: 'federation',
  params: Type.Object({ roomId: RoomId }),
  /** Events to go back from, and how many to return at most. */
  query: Type.Object({ v: Type.Array(EventId), limit: Type.Integer({ minimum: 0 }) }),
  returns: PduTransaction,
})

export const getMissingEvents = endpoint({
  method: 'POST',
  path: '/_matrix/federation/v1/get_missing_events/{roomId}',
  spec: 'server-server-api/#post_matrixfederationv1get_missing_eventsroomid',
  auth: 'server',
  rate: 'federation',
  params: Type.Object({ roomId: RoomId }),
  body: Type.Object({
    earliest_events: Type.Array(Type.String()),
    latest_events: Type.Array(Type.String()),
    limit: Type.Optional(Type.Integer({ minimum: 0 })),
    min_depth: Type.Optional(Type.Integer()),
  }),
  returns: Type.Object({ events: Type.Array(Content) }),
})
