/** What this server does in rooms through other servers: the joins, leaves, knocks and invites that need one. */
import type { RoomEvent } from '@kith/spec/events/pdu'
import type { JsonObject } from '@kith/spec/json'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'

export interface RemoteMembership {
  userId: string
  roomId: string
  /** Servers to try, in order. */
  via: readonly string[]
  /** Content of the member event beside `membership`. */
  content: JsonObject
}

export interface RemoteRooms {
  /** Joins through another server; resolves when the room is usable here. @throws MatrixError of the last server tried */
  join(request: RemoteMembership): Promise<void>
  knock(request: RemoteMembership): Promise<void>
  /** Leaves, or declines an invite, through another server. @throws when none could be reached or all refused */
  leave(request: RemoteMembership): Promise<void>
  /** Has the invitee's server sign an invite. @throws MatrixError M_FORBIDDEN when it refuses */
  invite(request: {
    event: RoomEvent
    rules: RoomVersionRules
    /** What tells the invitee of the room: whole events since v1.16, with the create event. */
    roomState: JsonObject[]
  }): Promise<RoomEvent>
  /** Resolves an alias of another server; undefined where it has none. */
  alias(alias: string): Promise<{ roomId: string; servers: string[] } | undefined>
}
