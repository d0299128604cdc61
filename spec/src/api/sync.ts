import type { Static } from 'typebox'
import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { BareEvent, ClientEvent, Content, record, StrippedState } from './schemas.ts'

const Events = <Event extends typeof BareEvent | typeof ClientEvent | typeof StrippedState>(event: Event) =>
  Type.Object({ events: Type.Array(event) })

const Timeline = Type.Object({
  events: Type.Array(ClientEvent),
  limited: Type.Optional(Type.Boolean()),
  prev_batch: Type.Optional(Type.String()),
})

const Counts = Type.Object({
  highlight_count: Type.Optional(Type.Integer()),
  notification_count: Type.Optional(Type.Integer()),
})

/** The members that joined and left rooms have in common. `state_after` takes the place of `state` when asked for. */
const roomParts = {
  timeline: Type.Optional(Timeline),
  state: Type.Optional(Events(ClientEvent)),
  state_after: Type.Optional(Events(ClientEvent)),
  'org.matrix.msc4222.state_after': Type.Optional(Events(ClientEvent)),
  account_data: Type.Optional(Events(BareEvent)),
}

export const SyncJoinedRoom = Type.Object({
  ...roomParts,
  ephemeral: Type.Optional(Events(BareEvent)),
  summary: Type.Optional(
    Type.Object({
      'm.heroes': Type.Optional(Type.Array(Type.String())),
      'm.joined_member_count': Type.Optional(Type.Integer()),
      'm.invited_member_count': Type.Optional(Type.Integer()),
    }),
  ),
  unread_notifications: Type.Optional(Counts),
  unread_thread_notifications: Type.Optional(record(Counts)),
})
export type SyncJoinedRoom = Static<typeof SyncJoinedRoom>

export const SyncLeftRoom = Type.Object(roomParts)
export type SyncLeftRoom = Static<typeof SyncLeftRoom>

export const SyncResponse = Type.Object({
  next_batch: Type.String(),
  account_data: Type.Optional(Events(BareEvent)),
  presence: Type.Optional(Type.Object({ events: Type.Array(Content) })),
  to_device: Type.Optional(Type.Object({ events: Type.Array(Content) })),
  rooms: Type.Optional(
    Type.Object({
      join: Type.Optional(record(SyncJoinedRoom)),
      invite: Type.Optional(record(Type.Object({ invite_state: Events(StrippedState) }))),
      knock: Type.Optional(record(Type.Object({ knock_state: Events(StrippedState) }))),
      leave: Type.Optional(record(SyncLeftRoom)),
    }),
  ),
  device_lists: Type.Optional(
    Type.Object({
      changed: Type.Optional(Type.Array(Type.String())),
      left: Type.Optional(Type.Array(Type.String())),
    }),
  ),
  device_one_time_keys_count: Type.Optional(record(Type.Integer())),
  device_unused_fallback_key_types: Type.Optional(Type.Array(Type.String())),
})
export type SyncResponse = Static<typeof SyncResponse>

export const sync = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/sync',
  spec: 'client-server-api/#get_matrixclientv3sync',
  auth: 'user',
  rate: 'sync',
  query: Type.Object({
    /** The ID of a stored filter, or a `Filter` as JSON. */
    filter: Type.Optional(Type.String()),
    since: Type.Optional(Type.String()),
    full_state: Type.Optional(Type.Boolean()),
    set_presence: Type.Optional(Type.Enum(['offline', 'online', 'unavailable'])),
    /** Milliseconds to wait for something new. */
    timeout: Type.Optional(Type.Integer({ minimum: 0 })),
    use_state_after: Type.Optional(Type.Boolean()),
    'org.matrix.msc4222.use_state_after': Type.Optional(Type.Boolean()),
  }),
  returns: SyncResponse,
})
