import { type Db, maybeOne, sql } from '../platform/database.ts'
import type { RoomNumber } from './interning.ts'
import { eventIdBytes } from './stored-event.ts'

/** Whether some event of the room names this one, which is not here yet, among its previous events. */
export async function namedByOthers(db: Db, room: RoomNumber, eventId: string): Promise<boolean> {
  const row = await maybeOne(
    db,
    sql`
    select 1 from missing_events where room = ${room} and event_id = ${eventIdBytes(eventId)} limit 1`,
  )
  return row !== undefined
}
