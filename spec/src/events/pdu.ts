import type { Json, JsonObject } from '../json.ts'

/** An event as servers send it to each other. Source: room versions 10 to 12, "Event format". */
export interface Pdu {
  type: string
  sender: string
  /** Absent in the create event of a room whose ID is that event's hash. */
  room_id?: string
  state_key?: string
  content: JsonObject
  origin_server_ts: number
  depth: number
  prev_events: string[]
  auth_events: string[]
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
