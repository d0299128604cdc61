/** What a sync reads that no other noun has. */
import { type Db, many, sql } from '../platform/database.ts'
import type { RoomNumber } from './interning.ts'

/** Of some rooms, those with a change after one position and up to another: one probe of `log_room` per room. */
export async function changedRooms(
  db: Db,
  rooms: readonly RoomNumber[],
  { after, until }: { after: number; until: number },
): Promise<Set<RoomNumber>> {
  const rows = await many<{ room: number }>(
    db,
    sql`
    select r.room from unnest(${rooms}::bigint[]) r(room)
    where exists (select from log l where l.room = r.room and l.position > ${after} and l.position <= ${until})`,
  )
  return new Set(rows.map((row) => row.room))
}
