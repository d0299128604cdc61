/**
 * Invites to, and knocks on, rooms that this server is not in: all we have of such a room is the member event,
 * an outlier, and the stripped state that came with it.
 */
import type { JsonObject } from '@kith/spec/json'
import { BASE, type KindDefinition } from '../log/kind.ts'
import { type Db, maybeOne, sql } from '../platform/database.ts'
import { type Membership, memberships } from './event-inserts.ts'
import type { RoomNumber, UserNumber } from './interning.ts'
import { kinds } from './kinds.ts'
import type { EventNumber } from './stored-event.ts'

/** Payload of the kind `invitation`. The event itself was stored before, as an outlier. */
export interface InvitationChange {
  room: RoomNumber
  user: UserNumber
  membership: Membership
  event: EventNumber
  strippedState: JsonObject[]
}

export const invitationKind: KindDefinition<InvitationChange> = {
  kind: kinds.invitation,
  name: 'invitation',
  statements(rows) {
    const last = [...new Map(rows.map((row) => [`${row.payload.room} ${row.payload.user}`, row])).values()]
    const changes = last.map((row) => row.payload)
    return [
      sql`
      insert into members (room, user_number, membership, event, position)
      select room, user_number, membership, event, ${BASE} + at
      from unnest(${changes.map((c) => c.room)}::bigint[], ${changes.map((c) => c.user)}::bigint[],
        ${changes.map((c) => memberships.indexOf(c.membership))}::smallint[],
        ${changes.map((c) => c.event)}::bigint[], ${last.map((row) => row.offset)}::bigint[])
        as row(room, user_number, membership, event, at)
      on conflict (room, user_number) do update set membership = excluded.membership, event = excluded.event,
        position = excluded.position, forgotten = false`,
      sql`
      insert into stripped_states (room, user_number, position, events)
      select room, user_number, ${BASE} + at, events
      from unnest(${changes.map((c) => c.room)}::bigint[], ${changes.map((c) => c.user)}::bigint[],
        ${last.map((row) => row.offset)}::bigint[],
        ${changes.map((c) => Buffer.from(JSON.stringify(c.strippedState)))}::bytea[])
        as row(room, user_number, at, events)
      on conflict (room, user_number) do update set position = excluded.position, events = excluded.events`,
    ]
  },
}

/** The stripped state that came with an invite or went back with a knock. */
export async function strippedState(
  db: Db,
  room: RoomNumber,
  user: UserNumber,
): Promise<JsonObject[] | undefined> {
  const row = await maybeOne<{ events: Buffer }>(
    db,
    sql`
    select events from stripped_states where room = ${room} and user_number = ${user}`,
  )
  return row && (JSON.parse(row.events.toString()) as JsonObject[])
}
