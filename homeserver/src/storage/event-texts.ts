/** Events as the texts they are stored and sent as: for answers that hold many. */
import { type Db, many, type Sql, sql } from '../platform/database.ts'
import type { RoomNumber, StateKeyNumber } from './interning.ts'
import { type EventNumber, eventIdBytes, eventIdText, type Standing } from './stored-event.ts'

export interface EventText {
  number: EventNumber
  eventId: string
  /** Canonical JSON. */
  text: string
}

/** Rows in one read: decoding them takes a few milliseconds. */
const rowsAtOnce = 1000

async function inSlices<T, R>(all: readonly T[], read: (slice: readonly T[]) => Promise<R[]>): Promise<R[]> {
  const rows: R[] = []
  for (let at = 0; at < all.length; at += rowsAtOnce) {
    for (const row of await read(all.slice(at, at + rowsAtOnce))) rows.push(row)
  }
  return rows
}

async function texts(db: Db, where: Sql): Promise<EventText[]> {
  const rows = await many<{ number: number; event_id: Buffer; pdu: Buffer }>(
    db,
    sql`select number, event_id, pdu from events where ${where}`,
  )
  return rows.map(({ number, event_id, pdu }) => ({
    number,
    eventId: eventIdText(event_id),
    text: pdu.toString(),
  }))
}

/** In no order. */
export function eventTexts(db: Db, numbers: readonly EventNumber[]): Promise<EventText[]> {
  return inSlices(numbers, (slice) => texts(db, sql`number = any(${slice}::bigint[])`))
}

/** Those of one room that exist, in no order. */
export function eventTextsById(db: Db, room: RoomNumber, eventIds: readonly string[]): Promise<EventText[]> {
  return inSlices(eventIds, (slice) =>
    texts(db, sql`event_id = any(${slice.map(eventIdBytes)}::bytea[]) and room = ${room}`),
  )
}

export interface HeldEvent {
  number: EventNumber
  eventId: string
  /** Absent for what is no state event. */
  stateKey: StateKeyNumber | undefined
  standing: Standing
}

/** Which of some events of a room this server holds, and what each is. */
export function heldEvents(db: Db, room: RoomNumber, eventIds: readonly string[]): Promise<HeldEvent[]> {
  return inSlices(eventIds, async (slice) => {
    const rows = await many<{
      number: number
      event_id: Buffer
      state_key: number | null
      standing: number
    }>(
      db,
      sql`
      select number, event_id, state_key, standing from events
      where event_id = any(${slice.map(eventIdBytes)}::bytea[]) and room = ${room}`,
    )
    return rows.map((row) => ({
      number: row.number,
      eventId: eventIdText(row.event_id),
      stateKey: row.state_key ?? undefined,
      standing: row.standing as Standing,
    }))
  })
}
