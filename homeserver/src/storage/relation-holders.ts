import { type Db, many, sql } from '../platform/database.ts'
import { storable } from './event-inserts.ts'
import type { RoomNumber, UserNumber } from './interning.ts'
import { eventIdBytes } from './stored-event.ts'

/** Who annotated an event with a key. */
export async function relationHolders(
  db: Db,
  { room, parent, key, eventType }: { room: RoomNumber; parent: string; key: string; eventType: string },
): Promise<UserNumber[]> {
  const rows = await many<{ sender: number }>(
    db,
    sql`
    select sender from relations where parent = ${eventIdBytes(parent)} and room = ${room}
      and rel_type = 'm.annotation' and key = ${storable(key)} and event_type = ${storable(eventType)}`,
  )
  return rows.map((row) => row.sender)
}
