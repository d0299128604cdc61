import { BASE, type KindDefinition } from '../log/kind.ts'
import { type Db, many, sql } from '../platform/database.ts'
import type { RoomNumber, UserNumber } from './interning.ts'
import { kinds } from './kinds.ts'
import type { Place } from './stored-event.ts'

export type ReceiptType = 'm.read' | 'm.read.private'

/** Thread of a receipt that counts for all of the room. */
export const unthreaded = ''
/** Thread of a receipt for what is in no thread. */
export const mainThread = 'main'

export interface Receipt {
  user: UserNumber
  type: ReceiptType
  /** `unthreaded`, `mainThread`, or a thread root's event id. */
  thread: string
  eventId: string
  /** Of that event; absent while this server lacks it. */
  place?: Place
  /** Milliseconds since 1970, as its sender says. */
  ts: number
}

/** Payload of the kind `receipts`: receipts of one room, gathered. */
export interface ReceiptsChange {
  room: RoomNumber
  receipts: Receipt[]
}

/** The last receipt of each (room, user, type, thread) of a batch: an upsert may touch a row once. */
function lastOf(rows: { offset: number; payload: ReceiptsChange }[]) {
  const last = new Map<string, Receipt & { room: RoomNumber; offset: number }>()
  for (const { offset, payload } of rows) {
    for (const receipt of payload.receipts) {
      const key = `${payload.room} ${receipt.user} ${receipt.type} ${receipt.thread}`
      last.set(key, { ...receipt, room: payload.room, offset })
    }
  }
  return [...last.values()]
}

export const receiptsKind: KindDefinition<ReceiptsChange> = {
  kind: kinds.receipts,
  name: 'receipts',
  bytes: ({ receipts }) => 64 + receipts.length * 200,
  statements(rows) {
    const all = lastOf(rows)
    return [
      sql`
      insert into receipts (room, user_number, receipt_type, thread, event_id, event_position, event_slot, ts, position)
      select room, user_number, receipt_type, thread, event_id, event_position, event_slot, ts, ${BASE} + at
      from unnest(${all.map((r) => r.room)}::bigint[], ${all.map((r) => r.user)}::bigint[],
        ${all.map((r) => r.type)}::text[], ${all.map((r) => r.thread)}::text[], ${all.map((r) => r.eventId)}::text[],
        ${all.map((r) => r.place?.position ?? null)}::bigint[], ${all.map((r) => r.place?.slot ?? null)}::integer[],
        ${all.map((r) => r.ts)}::bigint[], ${all.map((r) => r.offset)}::bigint[])
        as row(room, user_number, receipt_type, thread, event_id, event_position, event_slot, ts, at)
      on conflict (room, user_number, receipt_type, thread) do update set event_id = excluded.event_id,
        event_position = excluded.event_position, event_slot = excluded.event_slot, ts = excluded.ts,
        position = excluded.position`,
    ]
  },
}

interface ReceiptRow {
  room: number
  user: number
  type: ReceiptType
  thread: string
  event_id: string
  event_position: number | null
  event_slot: number | null
  ts: number
  position: number
}

export interface StoredReceipt extends Receipt {
  room: RoomNumber
  /** Of the log. */
  position: number
}

const columns = sql`
  r.room, r.user_number as "user", r.receipt_type as type, r.thread, r.event_id, r.event_position, r.event_slot, r.ts,
  r.position`

const receipt = (row: ReceiptRow): StoredReceipt => ({
  room: row.room,
  user: row.user,
  type: row.type,
  thread: row.thread,
  eventId: row.event_id,
  place:
    row.event_position === null ? undefined : { position: row.event_position, slot: row.event_slot ?? 0 },
  ts: row.ts,
  position: row.position,
})

/** Receipts of some rooms set after one position and up to another, as one reader may see them. */
export async function receiptsBetween(
  db: Db,
  {
    rooms,
    after,
    until,
    reader,
  }: { rooms: readonly RoomNumber[]; after: number; until: number; reader: UserNumber },
): Promise<StoredReceipt[]> {
  const rows = await many<ReceiptRow>(
    db,
    sql`
    select ${columns} from receipts r
    where r.room = any(${rooms}::bigint[]) and r.position > ${after} and r.position <= ${until}
      and (r.receipt_type = 'm.read' or r.user_number = ${reader})
    order by r.position`,
  )
  return rows.map(receipt)
}

/** All receipts of one user in some rooms: what is read there. */
export async function receiptsOfUser(
  db: Db,
  user: UserNumber,
  rooms: readonly RoomNumber[],
): Promise<StoredReceipt[]> {
  const rows = await many<ReceiptRow>(
    db,
    sql`
    select ${columns} from receipts r where r.user_number = ${user} and r.room = any(${rooms}::bigint[])`,
  )
  return rows.map(receipt)
}

/** Public receipts of some rooms set after one position and up to another, as far as no later one took their place. */
export async function publicReceiptsBetween(
  db: Db,
  { rooms, after, until }: { rooms: readonly RoomNumber[]; after: number; until: number },
): Promise<StoredReceipt[]> {
  const rows = await many<ReceiptRow>(
    db,
    sql`
    select ${columns} from receipts r
    where r.room = any(${rooms}::bigint[]) and r.position > ${after} and r.position <= ${until}
      and r.receipt_type = 'm.read' order by r.position`,
  )
  return rows.map(receipt)
}
