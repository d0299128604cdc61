import { type Db, maybeOne, sql } from '../platform/database.ts'
import { storable } from './event-inserts.ts'

/** A transaction of another server. */
export interface ReceivedTransaction {
  origin: string
  /** The domain of ours that was meant. */
  destination: string
  transactionId: string
}

/** What was answered to a transaction, as JSON; undefined for a new one. */
export async function transactionAnswer(
  db: Db,
  { origin, destination, transactionId }: ReceivedTransaction,
): Promise<string | undefined> {
  const row = await maybeOne<{ answer: string }>(
    db,
    sql`
    select answer from received_transactions
    where origin = ${origin} and destination = ${destination} and transaction_id = ${storable(transactionId)}`,
  )
  return row?.answer
}

/** Keeps an answer for those who ask again. The first one stays. */
export function storeTransactionAnswer(
  db: Db,
  { origin, destination, transactionId }: ReceivedTransaction,
  answer: string,
): Promise<unknown> {
  return db.query(sql`
    insert into received_transactions (origin, destination, transaction_id, answer)
    values (${origin}, ${destination}, ${storable(transactionId)}, ${answer}) on conflict do nothing`)
}

/** Forgets what was answered over a day ago: nobody repeats that. */
export function forgetOldTransactions(db: Db): Promise<unknown> {
  return db.query(sql`delete from received_transactions where received_at < now() - interval '1 day'`)
}
