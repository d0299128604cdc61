import type { RuleClass } from '@kith/spec/push/rule-classes'
import { type Db, many, sql } from '../platform/database.ts'
import type { RoomNumber, UserNumber } from './interning.ts'
import { eventIdBytes, eventIdText } from './stored-event.ts'

/** In place of a thread's root, for events in no thread. */
export const noThread = ''

/** Up to which position a thread of a room is read. */
export interface ThreadFloor {
  room: RoomNumber
  /** The root's event id, or `noThread`. */
  thread: string
  position: number
}

/** A time in which somebody's push rules came to one class. Events that name the person have rows of their own. */
export interface ClassPeriod {
  room: RoomNumber
  after: number
  upTo: number
  class: RuleClass
}

export interface UnreadQuery {
  user: UserNumber
  /** The rooms, and up to which position everything in them is read. */
  rooms: readonly { room: RoomNumber; base: number }[]
  /** Of each room, when the user was in which class of push rules. */
  periods: readonly ClassPeriod[]
  /** What is read beyond that in single threads. Own events are found here. */
  floors: readonly ThreadFloor[]
  /** Senders whose events don't count. */
  ignored: readonly UserNumber[]
  /** The last position that counts. */
  until: number
}

export interface ThreadCount {
  room: RoomNumber
  thread: string
  notifications: number
  highlights: number
}

const threadBytes = (thread: string) => (thread === noThread ? Buffer.alloc(0) : eventIdBytes(thread))

/** Counts what is unread, by thread. Uses `events_notifying`: the cost is that of what notified since it was read. */
export async function countUnread(db: Db, query: UnreadQuery): Promise<ThreadCount[]> {
  const { user, rooms, periods, floors, ignored, until } = query
  const rows = await many<{ room: number; thread: Buffer; notifications: number; highlights: number }>(
    db,
    sql`
    with asked(room, base) as (
      select * from unnest(${rooms.map((r) => r.room)}::bigint[], ${rooms.map((r) => r.base)}::bigint[])
    ), periods(room, after, up_to, class) as (
      select * from unnest(${periods.map((p) => p.room)}::bigint[], ${periods.map((p) => p.after)}::bigint[],
        ${periods.map((p) => p.upTo)}::bigint[], ${periods.map((p) => p.class)}::text[])
    ), recent as materialized (
      select e.room, e.position, coalesce(e.thread, '') as thread, e.sender, e.highlights, e.redacted_by,
        p.class = 'all' or p.class = 'mentions' and e.highlights as counts
      from asked a join periods p on p.room = a.room join events e on e.room = a.room and e.notifies
        and e.position is not null and e.slot = 0 and e.position > greatest(a.base, p.after)
        and e.position <= least(${until}, p.up_to)
    ), floors as materialized (
      select room, thread, max(position) as position from (
        select * from unnest(${floors.map((f) => f.room)}::bigint[],
          ${floors.map((f) => threadBytes(f.thread))}::bytea[], ${floors.map((f) => f.position)}::bigint[])
          given(room, thread, position)
        union all select room, thread, position from recent where sender = ${user}
        union all select e.room, coalesce(e.thread, ''), e.position
        from asked a join events e on e.room = a.room and e.sender = ${user} and not e.notifies
          and e.device_id is not null and e.state_key is null and e.position is not null
          and e.position > a.base and e.position <= ${until}
      ) f group by room, thread
    )
    select room, thread, sum(notifies)::bigint as notifications, sum(highlights)::bigint as highlights from (
      select r.room, r.thread, 1 as notifies, r.highlights::integer as highlights
      from recent r left join floors f on f.room = r.room and f.thread = r.thread
      where r.counts and r.position > coalesce(f.position, 0) and r.sender <> ${user} and r.redacted_by is null
        and r.sender <> all(${ignored}::bigint[])
        and not exists (select from personal_notifications p
          where p.user_number = ${user} and p.room = r.room and p.position = r.position)
      union all
      select p.room, coalesce(p.thread, ''), p.notifies::integer, p.highlights::integer
      from asked a join personal_notifications p on p.user_number = ${user} and p.room = a.room
        and p.position > a.base and p.position <= ${until}
      join events e on e.number = p.event
      left join floors f on f.room = p.room and f.thread = coalesce(p.thread, '')
      where p.position > coalesce(f.position, 0) and e.sender <> all(${ignored}::bigint[]) and e.redacted_by is null
    ) unread group by room, thread having sum(notifies) > 0 or sum(highlights) > 0`,
  )
  return rows.map((row) => ({ ...row, thread: row.thread.length === 0 ? noThread : eventIdText(row.thread) }))
}
