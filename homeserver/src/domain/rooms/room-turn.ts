import type { Database } from '../../platform/database.ts'
import type { RoomNumber } from '../../storage/interning.ts'

/** First half of the advisory lock's key: "a room's turn". */
const roomTurnLock = 0x6b72

/**
 * Does some work in a room's turn among all processes: for a writer that was refused too often. Others who have
 * not been refused still write; the turn only keeps the refused from refusing each other.
 */
export async function roomTurn<T>(database: Database, room: RoomNumber, work: () => Promise<T>): Promise<T> {
  const client = await database.connect()
  try {
    await client.query('select pg_advisory_lock($1, $2)', [roomTurnLock, room % 0x7fffffff])
    return await work()
  } finally {
    await client.end()
  }
}
