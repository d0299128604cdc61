import { type Db, many, sql } from '../platform/database.ts'
import { type EventNumber, eventIdBytes, eventIdText, type StoredEvent, standings } from './stored-event.ts'

/**
 * Stores events that get no place in a timeline: outliers, rejected and soft-failed ones. In a transaction of its
 * own, before whatever refers to them. An outlier that is now rejected or soft-failed becomes that.
 *
 * @returns the number of each event by id: of those held before, the number they have
 */
export async function storeUnplaced(
  db: Db,
  events: readonly { event: StoredEvent; pdu: Buffer }[],
): Promise<Map<string, EventNumber>> {
  if (events.length === 0) return new Map()
  const all = events.map(({ event }) => event)
  await db.query(sql`
    insert into events (number, event_id, room, standing, sender, state_key, origin_server_ts, depth, root_before,
      root_after, notifies, highlights, redacts, pdu)
    select number, event_id, room, standing, sender, state_key, ts, depth, root_before, root_after, false, false,
      redacts, pdu
    from unnest(${all.map((e) => e.number)}::bigint[], ${all.map((e) => eventIdBytes(e.eventId))}::bytea[],
      ${all.map((e) => e.room)}::bigint[], ${all.map((e) => e.standing)}::smallint[],
      ${all.map((e) => e.sender)}::bigint[], ${all.map((e) => e.stateKey ?? null)}::bigint[],
      ${all.map((e) => e.pdu.origin_server_ts)}::bigint[], ${all.map((e) => e.pdu.depth)}::bigint[],
      ${all.map((e) => e.rootBefore ?? null)}::bigint[], ${all.map((e) => e.rootAfter ?? null)}::bigint[],
      ${all.map((e) => (e.redacts === undefined ? null : eventIdBytes(e.redacts)))}::bytea[], ${events.map(({ pdu }) => pdu)}::bytea[])
      as row(number, event_id, room, standing, sender, state_key, ts, depth, root_before, root_after, redacts, pdu)
    on conflict (event_id) do update set standing = excluded.standing, root_before = excluded.root_before,
      root_after = excluded.root_after
    where events.standing = ${standings.outlier} and excluded.standing <> ${standings.outlier}`)
  const rows = await many<{ number: number; event_id: Buffer }>(
    db,
    sql`
    select number, event_id from events where event_id = any(${all.map((e) => eventIdBytes(e.eventId))}::bytea[])`,
  )
  return new Map(rows.map((row) => [eventIdText(row.event_id), row.number]))
}
