import { type Db, maybeOne, sql } from '../platform/database.ts'

/** What was answered to a transaction that has passed. The log writes these. */
export async function transactionResult(db: Db, key: string): Promise<string | undefined> {
  const row = await maybeOne<{ result: string }>(
    db,
    sql`select result from transaction_keys where key = ${key}`,
  )
  return row?.result
}
