import type { Json, JsonObject } from '../json.ts'

/** Another event, as an event names it: by its ID, in room versions 1 and 2 with its reference hash beside that. */
export type Reference = string | [eventId: string, hashes: { sha256?: string }]

/** An event as servers send it to each other. Source: room versions 1, 3, 4, 11 and 12, "Event format". */
export interface Pdu {
  type: string
  sender: string
  /** In room versions 1 and 2 only. */
  event_id?: string
  /** Absent in the create event of a room whose ID is that event's hash. */
  room_id?: string
  state_key?: string
  content: JsonObject
  origin_server_ts: number
  depth: number
  /** Read by `prevEventIds`. */
  prev_events: Reference[]
  /** Read by `authEventIds`. */
  auth_events: Reference[]
  hashes: { sha256: string }
  signatures: Record<string, Record<string, string>>
  redacts?: string
  unsigned?: JsonObject
  [other: string]: Json | undefined
}

/** A checked event, with the two identifiers that are not part of its text in every room version. */
export interface RoomEvent {
  eventId: string
  roomId: string
  pdu: Pdu
}
