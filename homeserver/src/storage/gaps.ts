import { type Db, many, sql } from '../platform/database.ts'
import type { RoomNumber } from './interning.ts'
import { eventIdBytes, eventIdText } from './stored-event.ts'

/** Those of some events that others name and that are not here yet. */
export async function wantedAmong(db: Db, room: RoomNumber, eventIds: readonly string[]): Promise<string[]> {
  const rows = await many<{ event_id: Buffer }>(
    db,
    sql`
    select distinct event_id from missing_events
    where room = ${room} and event_id = any(${eventIds.map(eventIdBytes)}::bytea[])`,
  )
  return rows.map((row) => eventIdText(row.event_id))
}

/** Those of some events that an event before a log position names, and that are not here yet. */
export async function wantedBefore(
  db: Db,
  { room, eventIds, position }: { room: RoomNumber; eventIds: readonly string[]; position: number },
): Promise<Set<string>> {
  const rows = await many<{ event_id: Buffer }>(
    db,
    sql`
    select distinct event_id from missing_events
    where room = ${room} and event_id = any(${eventIds.map(eventIdBytes)}::bytea[]) and position < ${position}`,
  )
  return new Set(rows.map((row) => eventIdText(row.event_id)))
}
