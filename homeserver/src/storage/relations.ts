/** Relations between events, read. All keep to one room: what claims to relate across rooms relates to nothing. */
import { type Db, many, sql } from '../platform/database.ts'
import { storable } from './event-inserts.ts'
import type { RoomNumber, UserNumber } from './interning.ts'
import { type EventNumber, eventIdBytes, eventIdText, type Place } from './stored-event.ts'

/** Which kinds of relation some events have. */
export async function relationTypes(
  db: Db,
  room: RoomNumber,
  parents: readonly string[],
): Promise<{ parent: string; relType: string }[]> {
  const rows = await many<{ parent: Buffer; rel_type: string }>(
    db,
    sql`
    select distinct parent, rel_type from relations
    where parent = any(${parents.map(eventIdBytes)}::bytea[]) and room = ${room}`,
  )
  return rows.map((row) => ({ parent: eventIdText(row.parent), relType: row.rel_type }))
}

/** What counts as an edit of an event: by its sender, of its type. */
export interface Editable {
  eventId: string
  sender: UserNumber
  type: string
}

/**
 * The edits of some events, the one that counts first: the latest by its sender's clock.
 *
 * @param each at most this many per event
 */
export async function editsOf(
  db: Db,
  { room, events, each }: { room: RoomNumber; events: readonly Editable[]; each: number },
): Promise<{ parent: string; event: EventNumber }[]> {
  const rows = await many<{ parent: Buffer; event: number }>(
    db,
    sql`
    select p.parent, x.event
    from unnest(${events.map((e) => eventIdBytes(e.eventId))}::bytea[], ${events.map((e) => e.sender)}::bigint[],
      ${events.map((e) => storable(e.type))}::text[]) p(parent, sender, event_type)
    cross join lateral (
      select r.event from relations r join events e on e.number = r.event
      where r.parent = p.parent and r.room = ${room} and r.rel_type = 'm.replace' and r.sender = p.sender
        and r.event_type = p.event_type and e.state_key is null
      order by e.origin_server_ts desc, e.event_id desc limit ${each}) x`,
  )
  return rows.map((row) => ({ parent: eventIdText(row.parent), event: row.event }))
}

export interface ThreadSummary {
  root: string
  count: number
  participated: boolean
  latest: EventNumber
}

/** Threads as one reader sees them. */
export interface ThreadsQuery {
  room: RoomNumber
  roots: readonly string[]
  reader: UserNumber
  /** Senders whose events don't count. */
  ignored: readonly UserNumber[]
  /** The last position that counts, for one who has left the room. */
  until?: number
}

export async function threadSummaries(
  db: Db,
  { room, roots, reader, ignored, until }: ThreadsQuery,
): Promise<ThreadSummary[]> {
  const rows = await many<{ parent: Buffer; count: number; participated: boolean; latest: number }>(
    db,
    sql`
    select parent, count(*) as count, bool_or(sender = ${reader}) as participated,
      (array_agg(event order by position desc, slot desc))[1] as latest
    from relations
    where parent = any(${roots.map(eventIdBytes)}::bytea[]) and room = ${room} and rel_type = 'm.thread'
      and sender <> all(${ignored}::bigint[]) and position <= ${until ?? Number.MAX_SAFE_INTEGER}
    group by parent`,
  )
  return rows.map((row) => ({
    root: eventIdText(row.parent),
    count: row.count,
    participated: row.participated,
    latest: row.latest,
  }))
}

/** Events that refer to others by `m.reference`, oldest first, at most 100 per event. */
export async function references(
  db: Db,
  room: RoomNumber,
  parents: readonly string[],
): Promise<{ parent: string; event: EventNumber }[]> {
  const rows = await many<{ parent: Buffer; event: number }>(
    db,
    sql`
    select p.parent, x.event from unnest(${parents.map(eventIdBytes)}::bytea[]) p(parent)
    cross join lateral (
      select r.event from relations r where r.parent = p.parent and r.room = ${room} and r.rel_type = 'm.reference'
      order by r.position, r.slot limit 100) x`,
  )
  return rows.map((row) => ({ parent: eventIdText(row.parent), event: row.event }))
}

export interface RelatedPage {
  room: RoomNumber
  parents: readonly string[]
  relType?: string
  eventType?: string
  dir: 'b' | 'f'
  /** Boundaries: before the event at the place. */
  from?: Place
  to?: Place
  limit: number
}

/** One page of the events that relate to any of some events. */
export async function relatedEvents(db: Db, page: RelatedPage): Promise<EventNumber[]> {
  const { room, parents, relType, eventType, dir, from, to, limit } = page
  const [upper, lower] = dir === 'b' ? [from, to] : [to, from]
  const below = upper
    ? sql`and (position, slot) < (${upper.position}::bigint, ${upper.slot}::integer)`
    : sql``
  const above = lower
    ? sql`and (position, slot) >= (${lower.position}::bigint, ${lower.slot}::integer)`
    : sql``
  const ofRelation = relType === undefined ? sql`` : sql`and rel_type = ${storable(relType)}`
  const ofType = eventType === undefined ? sql`` : sql`and event_type = ${storable(eventType)}`
  const order = dir === 'b' ? sql`position desc, slot desc` : sql`position, slot`
  const rows = await many<{ event: number }>(
    db,
    sql`
    select event from relations
    where parent = any(${parents.map(eventIdBytes)}::bytea[]) and room = ${room} ${ofRelation} ${ofType}
      ${below} ${above} order by ${order} limit ${limit}`,
  )
  return rows.map((row) => row.event)
}

/** Ids of the events that relate to any of some events. At most `limit`. */
export async function relatedIds(
  db: Db,
  { room, parents, limit }: { room: RoomNumber; parents: readonly string[]; limit: number },
): Promise<string[]> {
  const rows = await many<{ event_id: Buffer }>(
    db,
    sql`
    select distinct e.event_id from relations r join events e on e.number = r.event
    where r.parent = any(${parents.map(eventIdBytes)}::bytea[]) and r.room = ${room} limit ${limit}`,
  )
  return rows.map((row) => eventIdText(row.event_id))
}
