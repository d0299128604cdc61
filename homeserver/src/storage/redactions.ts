import { type Db, many, sql } from '../platform/database.ts'
import { type EventNumber, eventIdBytes } from './stored-event.ts'

/** Accepted redactions that name an event, held before it. Uses `events_redacts`. */
export async function redactionsOfEvent(db: Db, eventId: string): Promise<EventNumber[]> {
  const rows = await many<{ number: number }>(
    db,
    sql`
    select number from events where redacts = ${eventIdBytes(eventId)} and standing = 0 order by depth, number`,
  )
  return rows.map((row) => row.number)
}
