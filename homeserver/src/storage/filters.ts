import { type Db, maybeOne, sql } from '../platform/database.ts'
import type { UserNumber } from './interning.ts'

/** Stores a user's filter under an id; a filter stored before under the same id is the same filter. */
export function insertFilter(
  db: Db,
  { user, id, filter }: { user: UserNumber; id: string; filter: string },
): Promise<unknown> {
  return db.query(sql`
    insert into filters (user_number, id, filter) values (${user}, ${id}, ${filter}) on conflict do nothing`)
}

/** A stored filter as JSON. */
export async function storedFilter(db: Db, user: UserNumber, id: string): Promise<string | undefined> {
  const row = await maybeOne<{ filter: string }>(
    db,
    sql`
    select filter from filters where user_number = ${user} and id = ${id}`,
  )
  return row?.filter
}
