import { type Db, many, sql } from '../platform/database.ts'
import type { UserNumber } from './interning.ts'

/** Everybody who ever changed push rules. Uses `account_data_rules`. */
export async function usersWithRules(db: Db): Promise<UserNumber[]> {
  const rows = await many<{ user_number: number }>(
    db,
    sql`
    select user_number from account_data where room = 0 and type = 'm.push_rules'::bytea`,
  )
  return rows.map((row) => row.user_number)
}
