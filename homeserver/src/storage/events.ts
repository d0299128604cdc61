/** Events, read. Writing goes through the log (`event-inserts.ts`) or, for what has no place, `unplaced-events.ts`. */
import type { Pdu } from '@kith/spec/events/pdu'
import { parseStoredEvent } from '@kith/spec/strict-json'
import { type Db, many, maybeOne, sql } from '../platform/database.ts'
import type { RoomNumber } from './interning.ts'
import {
  type EventNumber,
  eventIdBytes,
  eventIdText,
  type Standing,
  type StoredEvent,
} from './stored-event.ts'

interface EventRow {
  number: number
  event_id: Buffer
  room: number
  room_id: string
  position: number | null
  slot: number | null
  standing: number
  sender: number
  state_key: number | null
  root_before: number | null
  root_after: number | null
  notifies: boolean
  highlights: boolean
  thread: Buffer | null
  redacts: Buffer | null
  redacted_by: Buffer | null
  device_id: string | null
  transaction_id: string | null
  pdu: Buffer
}

const columns = sql`
  e.number, e.event_id, e.room, r.room_id, e.position, e.slot, e.standing, e.sender, e.state_key, e.root_before,
  e.root_after, e.notifies, e.highlights, e.thread, e.redacts, e.redacted_by, e.device_id, e.transaction_id, e.pdu`

function storedEvent(row: EventRow): StoredEvent {
  return {
    eventId: eventIdText(row.event_id),
    roomId: row.room_id,
    number: row.number,
    room: row.room,
    pdu: parseStoredEvent(row.pdu.toString()) as Pdu,
    standing: row.standing as Standing,
    place: row.position === null ? undefined : { position: row.position, slot: row.slot as number },
    sender: row.sender,
    stateKey: row.state_key ?? undefined,
    rootBefore: row.root_before ?? undefined,
    rootAfter: row.root_after ?? undefined,
    notifies: row.notifies,
    highlights: row.highlights,
    thread: row.thread === null ? undefined : eventIdText(row.thread),
    redacts: row.redacts === null ? undefined : eventIdText(row.redacts),
    redactedBy: row.redacted_by === null ? undefined : eventIdText(row.redacted_by),
    deviceId: row.device_id ?? undefined,
    transactionId: row.transaction_id ?? undefined,
    bytes: row.pdu.length,
  }
}

async function read(db: Db, where: ReturnType<typeof sql>): Promise<StoredEvent[]> {
  const rows = await many<EventRow>(
    db,
    sql`
    select ${columns} from events e join rooms r on r.number = e.room ${where}`,
  )
  return rows.map(storedEvent)
}

export function eventsById(db: Db, eventIds: readonly string[]): Promise<StoredEvent[]> {
  return read(db, sql`where e.event_id = any(${eventIds.map(eventIdBytes)}::bytea[])`)
}

export function eventsByNumber(db: Db, numbers: readonly EventNumber[]): Promise<StoredEvent[]> {
  return read(db, sql`where e.number = any(${numbers}::bigint[])`)
}

/** The live events of some log positions, in order: what a tail row of kind `event` without its payload stands for. */
export function eventsAtPositions(
  db: Db,
  room: RoomNumber,
  positions: readonly number[],
): Promise<StoredEvent[]> {
  return read(
    db,
    sql`
    where e.room = ${room} and e.position = any(${positions}::bigint[]) and e.slot = 0 order by e.position`,
  )
}

/** One page of a room's timeline; `from` and `to` are places, exclusive both, `to` further in the direction read. */
export interface TimelinePage {
  room: RoomNumber
  from?: { position: number; slot: number }
  to?: { position: number; slot: number }
  limit: number
}

/** Newest first, before `from`. Uses `events_timeline`: the cost is that of the rows returned. */
export function eventsBefore(db: Db, { room, from, to, limit }: TimelinePage): Promise<StoredEvent[]> {
  const upper = from
    ? sql`and (e.position, e.slot) < (${from.position}::bigint, ${from.slot}::integer)`
    : sql`and e.position is not null`
  const lower = to ? sql`and (e.position, e.slot) > (${to.position}::bigint, ${to.slot}::integer)` : sql``
  return read(
    db,
    sql`
    where e.room = ${room} ${upper} ${lower} order by e.position desc, e.slot desc limit ${limit}`,
  )
}

/** Oldest first, after `from`. */
export function eventsAfter(db: Db, { room, from, to, limit }: TimelinePage): Promise<StoredEvent[]> {
  const lower = from
    ? sql`and (e.position, e.slot) > (${from.position}::bigint, ${from.slot}::integer)`
    : sql`and e.position is not null`
  const upper = to ? sql`and (e.position, e.slot) < (${to.position}::bigint, ${to.slot}::integer)` : sql``
  return read(
    db,
    sql`
    where e.room = ${room} ${lower} ${upper} order by e.position, e.slot limit ${limit}`,
  )
}

/** Numbers of a room's forward extremities. */
export async function extremities(db: Db, room: RoomNumber): Promise<EventNumber[]> {
  const rows = await many<{ event: number }>(db, sql`select event from extremities where room = ${room}`)
  return rows.map((row) => row.event)
}

/** Which of some event ids this server holds, whatever their standing. */
export async function knownEvents(db: Db, eventIds: readonly string[]): Promise<Set<string>> {
  const rows = await many<{ event_id: Buffer }>(
    db,
    sql`
    select event_id from events where event_id = any(${eventIds.map(eventIdBytes)}::bytea[])`,
  )
  return new Set(rows.map((row) => eventIdText(row.event_id)))
}

/** A gap in the timeline: events that the event at this place names and that we lack. */
export interface Gap {
  place: { position: number; slot: number }
  missing: string[]
}

/** The newest gap of a room at or before a place. What several events name belongs before the first of them. */
export async function gapBefore(
  db: Db,
  room: RoomNumber,
  place: { position: number; slot: number },
): Promise<Gap | undefined> {
  const rows = await many<{ position: number; slot: number; event_ids: Buffer[] }>(
    db,
    sql`
    select position, slot, array_agg(event_id) as event_ids from missing_events m
    where room = ${room} and (position, slot) <= (${place.position}::bigint, ${place.slot}::integer)
      and not exists (select from missing_events o where o.room = m.room and o.event_id = m.event_id
        and (o.position, o.slot) < (m.position, m.slot))
    group by position, slot order by position desc, slot desc limit 1`,
  )
  const row = rows[0]
  return row && { place: { position: row.position, slot: row.slot }, missing: row.event_ids.map(eventIdText) }
}

/** Depth of the first event of a room's timeline as we have it; 0 where we have none. */
export async function oldestDepth(db: Db, room: RoomNumber): Promise<number> {
  const row = await maybeOne<{ depth: number }>(
    db,
    sql`
    select depth from events where room = ${room} and position is not null order by position, slot limit 1`,
  )
  return row?.depth ?? 0
}
