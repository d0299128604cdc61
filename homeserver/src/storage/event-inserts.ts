/**
 * How events enter the log: the multi-row inserts of the kinds `event`, `roomState` and `redaction`.
 *
 * Nothing here updates a row per message. What an event moves besides (members, extremities) is inserted,
 * deleted, or upserted only when a membership changes.
 */
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { BASE, type KindDefinition } from '../log/kind.ts'
import { type Sql, sql } from '../platform/database.ts'
import type { RoomNumber, UserNumber } from './interning.ts'
import { kinds } from './kinds.ts'
import { type EventNumber, eventIdBytes, type StoredEvent } from './stored-event.ts'

/** Members in the numbers of `members.membership`. */
export const memberships = ['leave', 'invite', 'join', 'knock', 'ban'] as const
export type Membership = (typeof memberships)[number]

/** A change of the room's current memberships. */
export interface MemberChange {
  user: UserNumber
  membership: Membership
  event: EventNumber
}

export interface Relation {
  parent: string
  relType: string
  /** Of an annotation. */
  key?: string
}

/** Who is notified of an event otherwise than its `notifies` and `highlights` flags say. */
export interface PersonalNotification {
  user: UserNumber
  notifies: boolean
  highlights: boolean
}

/** Packed trie nodes that a change of state needs. */
export interface StateRow {
  id: number
  bytes: Uint8Array
}

/** Payload of the kind `event`: one event at the head of its room's timeline. */
export interface EventChange {
  event: StoredEvent
  /** The exact bytes stored; freed by whoever no longer needs them. */
  pdu: Buffer
  /** Extremities that the event joins. */
  joins: EventNumber[]
  /** Whether it becomes one itself. */
  extremity: boolean
  /** Ids in its prev_events that this server lacks. */
  missing: string[]
  /** Whether others named it before it came. */
  fillsGap: boolean
  stateRows: StateRow[]
  /** The room's current root once this change is in. */
  currentRoot: NodeId
  members: MemberChange[]
  relation?: Relation
  personal: PersonalNotification[]
  /** Whose membership the event is about, where it is one: local or not. */
  target?: UserNumber
}

/** Payload of the kind `roomState`: the current state moved, by no event of the timeline. */
export interface RoomStateChange {
  room: RoomNumber
  currentRoot: NodeId
  stateRows: StateRow[]
  members: MemberChange[]
}

/** Payload of the kind `redaction`. */
export interface RedactionChange {
  room: RoomNumber
  /** The event that loses its content. */
  target: StoredEvent
  /** The redaction's id. */
  redactedBy: string
  /** The target's bytes after the redaction. */
  pdu: Buffer
}

/** A column that may be null. */
const idBytes = (eventId: string | undefined) => (eventId === undefined ? null : eventIdBytes(eventId))

interface Row<P> {
  offset: number
  payload: P
}

const place = (rows: Row<EventChange>[]): Sql => {
  const events = rows.map(({ payload }) => payload.event)
  return sql`
    insert into events (number, event_id, room, position, slot, standing, sender, state_key, origin_server_ts, depth,
      root_before, root_after, notifies, highlights, thread, redacts, device_id, transaction_id, pdu)
    select number, event_id, room, ${BASE} + at, 0, 0, sender, state_key, ts, depth, root_before, root_after,
      notifies, highlights, thread, redacts, device_id, transaction_id, pdu
    from unnest(${events.map((e) => e.number)}::bigint[], ${events.map((e) => eventIdBytes(e.eventId))}::bytea[],
      ${events.map((e) => e.room)}::bigint[], ${rows.map((row) => row.offset)}::bigint[],
      ${events.map((e) => e.sender)}::bigint[], ${events.map((e) => e.stateKey ?? null)}::bigint[],
      ${events.map((e) => e.pdu.origin_server_ts)}::bigint[], ${events.map((e) => e.pdu.depth)}::bigint[],
      ${events.map((e) => e.rootBefore ?? null)}::bigint[], ${events.map((e) => e.rootAfter ?? null)}::bigint[],
      ${events.map((e) => e.notifies)}::boolean[], ${events.map((e) => e.highlights)}::boolean[],
      ${events.map((e) => idBytes(e.thread))}::bytea[],
      ${events.map((e) => idBytes(e.redacts))}::bytea[],
      ${events.map((e) => e.deviceId ?? null)}::text[], ${events.map((e) => e.transactionId ?? null)}::text[],
      ${rows.map((row) => row.payload.pdu)}::bytea[])
      as row(number, event_id, room, at, sender, state_key, ts, depth, root_before, root_after, notifies, highlights,
        thread, redacts, device_id, transaction_id, pdu)
    on conflict (number) do update set position = excluded.position, slot = 0, standing = 0,
      root_before = excluded.root_before, root_after = excluded.root_after, notifies = excluded.notifies,
      highlights = excluded.highlights, thread = excluded.thread
    where events.position is null`
}

function moveExtremities(rows: Row<EventChange>[]): Sql[] {
  const gone = rows.flatMap(({ payload }) =>
    payload.joins.map((event) => ({ room: payload.event.room, event })),
  )
  const come = rows.filter(({ payload }) => payload.extremity).map(({ payload }) => payload.event)
  // Within one batch events join each other: what is joined in it never becomes a row.
  const joined = new Set(gone.map(({ event }) => event))
  const added = come.filter(({ number }) => !joined.has(number))
  const statements: Sql[] = []
  if (gone.length > 0) {
    statements.push(sql`
      delete from extremities x using unnest(${gone.map((g) => g.room)}::bigint[], ${gone.map((g) => g.event)}::bigint[])
      as gone(room, event) where x.room = gone.room and x.event = gone.event`)
  }
  if (added.length > 0) {
    statements.push(sql`
      insert into extremities (room, event)
      select * from unnest(${added.map((e) => e.room)}::bigint[], ${added.map((e) => e.number)}::bigint[])`)
  }
  return statements
}

function noteMissing(rows: Row<EventChange>[]): Sql[] {
  const missing = rows.flatMap(({ offset, payload }) =>
    payload.missing.map((id) => ({ id: eventIdBytes(id), offset, event: payload.event })),
  )
  if (missing.length === 0) return []
  return [
    sql`
    insert into missing_events (room, event_id, wanted_by, position, slot)
    select room, event_id, wanted_by, ${BASE} + at, 0
    from unnest(${missing.map((m) => m.event.room)}::bigint[], ${missing.map((m) => m.id)}::bytea[],
      ${missing.map((m) => m.event.number)}::bigint[], ${missing.map((m) => m.offset)}::bigint[])
      as row(room, event_id, wanted_by, at)`,
  ]
}

function closeGaps(rows: Row<EventChange>[]): Sql[] {
  const found = rows.filter(({ payload }) => payload.fillsGap).map(({ payload }) => payload.event)
  if (found.length === 0) return []
  return [
    sql`
    delete from missing_events m
    using unnest(${found.map((e) => e.room)}::bigint[], ${found.map((e) => eventIdBytes(e.eventId))}::bytea[])
      as found(room, event_id)
    where m.room = found.room and m.event_id = found.event_id`,
  ]
}

function relate(rows: Row<EventChange>[]): Sql[] {
  const related = rows.filter(({ payload }) => payload.relation !== undefined)
  if (related.length === 0) return []
  const relations = related.map(({ payload }) => payload.relation as Relation)
  const events = related.map(({ payload }) => payload.event)
  return [
    sql`
    insert into relations (parent, event, room, position, slot, rel_type, event_type, sender, key)
    select parent, event, room, ${BASE} + at, 0, rel_type, event_type, sender, key
    from unnest(${relations.map((r) => eventIdBytes(r.parent))}::bytea[], ${events.map((e) => e.number)}::bigint[],
      ${events.map((e) => e.room)}::bigint[], ${related.map((row) => row.offset)}::bigint[],
      ${relations.map((r) => storable(r.relType))}::text[], ${events.map((e) => storable(e.pdu.type))}::text[],
      ${events.map((e) => e.sender)}::bigint[],
      ${relations.map((r) => (r.key === undefined ? null : storable(r.key)))}::text[])
      as row(parent, event, room, at, rel_type, event_type, sender, key)
    on conflict do nothing`,
  ]
}

/** Text that PostgreSQL takes: it has no NUL (checklist J7). Only for columns that are searched by, never read back. */
export function storable(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\u2400') : text
}

function notify(rows: Row<EventChange>[]): Sql[] {
  const personal = rows.flatMap(({ offset, payload }) =>
    payload.personal.map((p) => ({ ...p, offset, event: payload.event })),
  )
  if (personal.length === 0) return []
  return [
    sql`
    insert into personal_notifications (user_number, room, position, event, thread, notifies, highlights)
    select user_number, room, ${BASE} + at, event, thread, notifies, highlights
    from unnest(${personal.map((p) => p.user)}::bigint[], ${personal.map((p) => p.event.room)}::bigint[],
      ${personal.map((p) => p.offset)}::bigint[], ${personal.map((p) => p.event.number)}::bigint[],
      ${personal.map((p) => idBytes(p.event.thread))}::bytea[],
      ${personal.map((p) => p.notifies)}::boolean[], ${personal.map((p) => p.highlights)}::boolean[])
      as row(user_number, room, at, event, thread, notifies, highlights)`,
  ]
}

/** Trie rows of changes. A resolved state may come with several of them: its rows go in once. */
export function insertStateRows(rows: { room: RoomNumber; stateRows: StateRow[] }[]): Sql[] {
  const all = rows.flatMap(({ room, stateRows }) => stateRows.map((row) => ({ ...row, room })))
  if (all.length === 0) return []
  return [
    sql`
    insert into state_nodes (id, room, nodes)
    select * from unnest(${all.map((r) => r.id)}::bigint[], ${all.map((r) => r.room)}::bigint[],
      ${all.map((r) => Buffer.from(r.bytes))}::bytea[])
    on conflict do nothing`,
  ]
}

/** The last change of each (room, user) of a batch: an upsert may touch a row once. */
function upsertMembers(rows: Row<{ room: RoomNumber; members: MemberChange[] }>[]): Sql[] {
  const last = new Map<string, MemberChange & { room: RoomNumber; offset: number }>()
  for (const { offset, payload } of rows) {
    for (const member of payload.members) {
      last.set(`${payload.room} ${member.user}`, { ...member, room: payload.room, offset })
    }
  }
  if (last.size === 0) return []
  const all = [...last.values()]
  return [
    sql`
    insert into members (room, user_number, membership, event, position)
    select room, user_number, membership, event, ${BASE} + at
    from unnest(${all.map((m) => m.room)}::bigint[], ${all.map((m) => m.user)}::bigint[],
      ${all.map((m) => memberships.indexOf(m.membership))}::smallint[], ${all.map((m) => m.event)}::bigint[],
      ${all.map((m) => m.offset)}::bigint[]) as row(room, user_number, membership, event, at)
    on conflict (room, user_number) do update set membership = excluded.membership, event = excluded.event,
      position = excluded.position, forgotten = false`,
  ]
}

export const eventKind: KindDefinition<EventChange> = {
  kind: kinds.event,
  name: 'event',
  statements: (rows) => [
    place(rows),
    ...moveExtremities(rows),
    ...noteMissing(rows),
    ...closeGaps(rows),
    ...insertStateRows(
      rows.map(({ payload }) => ({ room: payload.event.room, stateRows: payload.stateRows })),
    ),
    ...upsertMembers(
      rows.map(({ offset, payload }) => ({
        offset,
        payload: { room: payload.event.room, members: payload.members },
      })),
    ),
    ...relate(rows),
    ...notify(rows),
  ],
}

export const roomStateKind: KindDefinition<RoomStateChange> = {
  kind: kinds.roomState,
  name: 'roomState',
  statements: (rows) => [...insertStateRows(rows.map(({ payload }) => payload)), ...upsertMembers(rows)],
}

export const redactionKind: KindDefinition<RedactionChange> = {
  kind: kinds.redaction,
  name: 'redaction',
  statements: (rows) => [
    sql`
    update events e set pdu = row.pdu, redacted_by = row.redacted_by
    from unnest(${rows.map(({ payload }) => payload.target.number)}::bigint[],
      ${rows.map(({ payload }) => eventIdBytes(payload.redactedBy))}::bytea[],
      ${rows.map(({ payload }) => payload.pdu)}::bytea[]) as row(number, redacted_by, pdu)
    where e.number = row.number`,
    sql`delete from relations r using unnest(${rows.map(({ payload }) => payload.target.number)}::bigint[]) gone(event)
      where r.event = gone.event`,
    sql`delete from personal_notifications p
      using unnest(${rows.map(({ payload }) => payload.target.number)}::bigint[],
        ${rows.map(({ payload }) => payload.room)}::bigint[]) gone(event, room)
      where p.room = gone.room and p.event = gone.event`,
  ],
}
