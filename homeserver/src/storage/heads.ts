import type { NodeId } from '@kith/spec/rooms/state-trie'
import { type Db, maybeOne, sql } from '../platform/database.ts'
import type { RoomNumber } from './interning.ts'
import type { EventNumber } from './stored-event.ts'

/** Where a room stands: read in one statement, so that its parts belong together. */
export interface StoredHead {
  roomId: string
  /** The room's version name; null while we only hold an invite or a knock. */
  roomVersion: string | null
  stateVersion: number
  root: NodeId
  extremities: EventNumber[]
}

/** Undefined for a number that no room has. */
export function storedHead(db: Db, room: RoomNumber): Promise<StoredHead | undefined> {
  return maybeOne(
    db,
    sql`
    select r.room_id as "roomId", r.version as "roomVersion", coalesce(s.version, 0) as "stateVersion",
      coalesce(s.root, 0) as root,
      coalesce((select array_agg(x.event order by x.event) from extremities x where x.room = r.number), '{}') as extremities
    from rooms r left join lateral (
      select version, root from room_states where room = r.number order by version desc limit 1) s on true
    where r.number = ${room}`,
  )
}

/**
 * Sets a room's version. While this server has not been in the room, it has no more than the word of whoever invited
 * to it, and the last one counts.
 */
export function setRoomVersion(db: Db, room: RoomNumber, version: string): Promise<unknown> {
  return db.query(sql`update rooms set version = ${version} where number = ${room}
    and (version is null or not exists (select from extremities where room = ${room}))`)
}
