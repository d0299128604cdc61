/** Events fetched behind a gap in a timeline get their places before it. Not through the log: they are no news. */
import { many, one, type Sql, sql, type Tx } from '../platform/database.ts'
import { type Relation, storable } from './event-inserts.ts'
import type { RoomNumber } from './interning.ts'
import { type EventNumber, eventIdBytes, eventIdText, type Place, type StoredEvent } from './stored-event.ts'

export interface HistoryEvent {
  event: StoredEvent
  pdu: Buffer
  relation?: Relation
}

export interface History {
  room: RoomNumber
  /** Of the event behind which the gap is. */
  place: Place
  /** Newest first. */
  events: readonly HistoryEvent[]
  /** Events that are here now, so that they are no gap any more. */
  found: readonly string[]
  /** What is missing before them: by the event that names it, which has no place if it was set aside. */
  missing: readonly { eventId: string; wantedBy: EventNumber }[]
}

/** What events of one log position still name and this server lacks; locked, so that one fills the gap at a time. */
export async function lockedMissing(tx: Tx, room: RoomNumber, position: number): Promise<string[]> {
  const rows = await many<{ event_id: Buffer }>(
    tx,
    sql`
    select event_id from missing_events where room = ${room} and position = ${position} for update`,
  )
  return rows.map((row) => eventIdText(row.event_id))
}

/** Places events, before all that are at the same log position already. @returns their places, in their order */
export async function insertHistory(tx: Tx, history: History): Promise<Place[]> {
  const { room, place, events } = history
  const { slot } = await one<{ slot: number }>(
    tx,
    sql`select coalesce(min(slot), 0) as slot from events where room = ${room} and position = ${place.position}`,
  )
  const places = events.map((_, index) => ({ position: place.position, slot: slot - 1 - index }))
  for (const statement of statementsOf(history, places)) await tx.query(statement)
  return places
}

function* statementsOf(history: History, places: readonly Place[]): Generator<Sql> {
  const { room, events, found, missing, place } = history
  if (events.length > 0) yield placeAll(events, places)
  yield sql`delete from missing_events where room = ${room} and event_id = any(${found.map(eventIdBytes)}::bytea[])`
  if (missing.length > 0) {
    const slots = new Map(events.map(({ event }, index) => [event.number, places[index]?.slot]))
    yield sql`
      insert into missing_events (room, event_id, wanted_by, position, slot)
      select ${room}::bigint, event_id, wanted_by, ${place.position}::bigint, slot
      from unnest(${missing.map((m) => eventIdBytes(m.eventId))}::bytea[], ${missing.map((m) => m.wantedBy)}::bigint[],
        ${missing.map((m) => slots.get(m.wantedBy) ?? place.slot)}::integer[]) as row(event_id, wanted_by, slot)
      on conflict do nothing`
  }
  const related = events.flatMap((one, index) =>
    one.relation ? [{ event: one.event, relation: one.relation, place: places[index] as Place }] : [],
  )
  if (related.length > 0) yield relateAll(related)
}

function placeAll(all: readonly HistoryEvent[], places: readonly Place[]): Sql {
  const events = all.map(({ event }) => event)
  const idBytes = (id: string | undefined) => (id === undefined ? null : eventIdBytes(id))
  return sql`
    insert into events (number, event_id, room, position, slot, standing, sender, state_key, origin_server_ts, depth,
      root_before, root_after, notifies, highlights, thread, redacts, redacted_by, pdu)
    select number, event_id, room, position, slot, 0, sender, state_key, ts, depth, root_before, root_after,
      false, false, thread, redacts, redacted_by, pdu
    from unnest(${events.map((e) => e.number)}::bigint[], ${events.map((e) => eventIdBytes(e.eventId))}::bytea[],
      ${events.map((e) => e.room)}::bigint[], ${places.map((p) => p.position)}::bigint[],
      ${places.map((p) => p.slot)}::integer[], ${events.map((e) => e.sender)}::bigint[],
      ${events.map((e) => e.stateKey ?? null)}::bigint[], ${events.map((e) => e.pdu.origin_server_ts)}::bigint[],
      ${events.map((e) => e.pdu.depth)}::bigint[], ${events.map((e) => e.rootBefore ?? null)}::bigint[],
      ${events.map((e) => e.rootAfter ?? null)}::bigint[], ${events.map((e) => idBytes(e.thread))}::bytea[],
      ${events.map((e) => idBytes(e.redacts))}::bytea[], ${events.map((e) => idBytes(e.redactedBy))}::bytea[],
      ${all.map(({ pdu }) => pdu)}::bytea[])
      as row(number, event_id, room, position, slot, sender, state_key, ts, depth, root_before, root_after, thread,
        redacts, redacted_by, pdu)
    on conflict (number) do update set position = excluded.position, slot = excluded.slot, standing = 0,
      root_before = excluded.root_before, root_after = excluded.root_after, thread = excluded.thread,
      redacted_by = excluded.redacted_by, pdu = excluded.pdu
    where events.position is null`
}

function relateAll(all: readonly { event: StoredEvent; relation: Relation; place: Place }[]): Sql {
  return sql`
    insert into relations (parent, event, room, position, slot, rel_type, event_type, sender, key)
    select * from unnest(${all.map((r) => eventIdBytes(r.relation.parent))}::bytea[],
      ${all.map((r) => r.event.number)}::bigint[], ${all.map((r) => r.event.room)}::bigint[],
      ${all.map((r) => r.place.position)}::bigint[], ${all.map((r) => r.place.slot)}::integer[],
      ${all.map((r) => storable(r.relation.relType))}::text[], ${all.map((r) => storable(r.event.pdu.type))}::text[],
      ${all.map((r) => r.event.sender)}::bigint[],
      ${all.map((r) => (r.relation.key === undefined ? null : storable(r.relation.key)))}::text[])
    on conflict do nothing`
}
