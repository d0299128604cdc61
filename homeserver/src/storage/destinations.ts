import { type Db, many, sql, type Tx } from '../platform/database.ts'
import type { RoomNumber } from './interning.ts'
import { kinds } from './kinds.ts'

/** A server that is behind. */
export interface DestinationRow {
  destination: string
  sentUpTo: number
  failures: number
  /** Milliseconds from now, by the database's clock; 0 when it may be tried. */
  waitMs: number
}

export function destinationsOfShard(db: Db, shard: number): Promise<DestinationRow[]> {
  return many(
    db,
    sql`
    select destination, sent_up_to as "sentUpTo", failures,
      greatest(0, ceil(extract(epoch from next_try - now()) * 1000))::bigint as "waitMs"
    from destinations where shard = ${shard}`,
  )
}

/** Notes that a server is behind, and since when; an earlier note of an older place stays. */
export async function noteBehind(
  tx: Tx,
  { destination, shard, sentUpTo }: { destination: string; shard: number; sentUpTo: number },
): Promise<void> {
  await tx.query(sql`
    insert into destinations (destination, shard, sent_up_to) values (${destination}, ${shard}, ${sentUpTo})
    on conflict (destination) do update set sent_up_to = least(destinations.sent_up_to, excluded.sent_up_to)`)
}

/** How far a server that is behind has come, and when it is tried again. */
export async function noteProgress(
  tx: Tx,
  { destination, sentUpTo, failures, waitMs }: DestinationRow,
): Promise<void> {
  await tx.query(sql`
    update destinations set sent_up_to = ${sentUpTo}, failures = ${failures},
      next_try = now() + ${waitMs}::double precision * interval '1 millisecond'
    where destination = ${destination}`)
}

export async function noteUpToDate(tx: Tx, destination: string): Promise<void> {
  await tx.query(sql`delete from destinations where destination = ${destination}`)
}

/** Rooms that a server's users have, or had, to do with. */
export async function roomsOfServer(db: Db, name: string): Promise<RoomNumber[]> {
  const rows = await many<{ room: number }>(
    db,
    sql`
    select distinct m.room from members m join users u on u.number = m.user_number join servers s on s.number = u.server
    where s.name = ${name}`,
  )
  return rows.map((row) => row.room)
}

/** A row of the log that may have to be passed on. */
export interface RelayRow {
  position: number
  kind: number
  room: RoomNumber
  relay: string
}

/** What is ours to relay of some rooms, or of all, after a position, oldest first. */
export function relayRows(
  db: Db,
  {
    after,
    until,
    limit,
    rooms,
  }: { after: number; until: number; limit: number; rooms?: readonly RoomNumber[] },
): Promise<RelayRow[]> {
  const some = rooms === undefined ? sql`` : sql`and room = any(${rooms}::bigint[])`
  return many(
    db,
    sql`
    select position, kind, room, relay from log
    where relay is not null and room is not null and position > ${after} and position <= ${until} ${some}
    order by position limit ${limit}`,
  )
}

/** The last event that is ours to relay in each of some rooms after a position, newest first. */
export function lastRelayedEvents(
  db: Db,
  { after, until, rooms }: { after: number; until: number; rooms: readonly RoomNumber[] },
): Promise<RelayRow[]> {
  return many(
    db,
    sql`
    select l.position, l.kind, r.room, l.relay from unnest(${rooms}::bigint[]) r(room)
    cross join lateral (
      select position, kind, relay from log where room = r.room and kind = ${kinds.event} and relay is not null
        and position > ${after} and position <= ${until} order by position desc limit 1) l
    order by l.position desc`,
  )
}
