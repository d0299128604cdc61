import type { Static } from 'typebox'
import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { UserId } from './schemas.ts'

const Texts = Type.Optional(Type.Array(Type.String()))
const Flag = Type.Optional(Type.Boolean())

const eventFilter = {
  limit: Type.Optional(Type.Integer({ minimum: 0 })),
  types: Texts,
  not_types: Texts,
  senders: Texts,
  not_senders: Texts,
}

export const EventFilter = Type.Object(eventFilter)
export type EventFilter = Static<typeof EventFilter>

/** Also the `filter` of /messages and /context, as JSON in the query. */
export const RoomEventFilter = Type.Object({
  ...eventFilter,
  rooms: Texts,
  not_rooms: Texts,
  contains_url: Flag,
  lazy_load_members: Flag,
  include_redundant_members: Flag,
  unread_thread_notifications: Flag,
  related_by_senders: Texts,
  related_by_rel_types: Texts,
})
export type RoomEventFilter = Static<typeof RoomEventFilter>

export const Filter = Type.Object({
  event_fields: Texts,
  event_format: Type.Optional(Type.Enum(['client', 'federation'])),
  presence: Type.Optional(EventFilter),
  account_data: Type.Optional(EventFilter),
  room: Type.Optional(
    Type.Object({
      rooms: Texts,
      not_rooms: Texts,
      include_leave: Flag,
      account_data: Type.Optional(RoomEventFilter),
      ephemeral: Type.Optional(RoomEventFilter),
      state: Type.Optional(RoomEventFilter),
      timeline: Type.Optional(RoomEventFilter),
    }),
  ),
})
export type Filter = Static<typeof Filter>

export const defineFilter = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/user/{userId}/filter',
  spec: 'client-server-api/#post_matrixclientv3useruseridfilter',
  auth: 'user',
  rate: 'write',
  params: Type.Object({ userId: UserId }),
  body: Filter,
  returns: Type.Object({ filter_id: Type.String() }),
})

export const getFilter = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/user/{userId}/filter/{filterId}',
  spec: 'client-server-api/#get_matrixclientv3useruseridfilterfilterid',
  auth: 'user',
  rate: 'read',
  params: Type.Object({ userId: UserId, filterId: Type.String() }),
  returns: Filter,
})
