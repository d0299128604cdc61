import { type Db, many, maybeOne, sql } from '../platform/database.ts'
import { type Membership, memberships } from './event-inserts.ts'
import type { RoomNumber, UserNumber } from './interning.ts'
import type { EventNumber } from './stored-event.ts'

interface MemberRow {
  room: number
  user: number
  membership: number
  event: number
  position: number
  forgotten: boolean
}

export interface Member {
  room: RoomNumber
  user: UserNumber
  membership: Membership
  event: EventNumber
  /** Log position at which the membership became this. */
  position: number
  forgotten: boolean
}

const member = (row: MemberRow): Member => ({ ...row, membership: memberships[row.membership] as Membership })

const columns = sql`m.room, m.user_number as "user", m.membership, m.event, m.position, m.forgotten`

/** All rooms that a user has or had to do with, in the current states this server knows. */
export async function memberRowsOfUser(db: Db, user: UserNumber): Promise<Member[]> {
  return (await many<MemberRow>(db, sql`select ${columns} from members m where m.user_number = ${user}`)).map(
    member,
  )
}

/** Everybody with a membership in a room; its cost is the room's size. */
export async function memberRowsOfRoom(db: Db, room: RoomNumber): Promise<Member[]> {
  return (await many<MemberRow>(db, sql`select ${columns} from members m where m.room = ${room}`)).map(member)
}

export async function memberRow(db: Db, room: RoomNumber, user: UserNumber): Promise<Member | undefined> {
  const row = await maybeOne<MemberRow>(
    db,
    sql`select ${columns} from members m where m.room = ${room} and m.user_number = ${user}`,
  )
  return row && member(row)
}

/** Users of the given servers who are joined to a room. */
export async function joinedOfServers(
  db: Db,
  room: RoomNumber,
  servers: readonly string[],
): Promise<UserNumber[]> {
  const rows = await many<{ user_number: number }>(
    db,
    sql`
    select m.user_number from members m join users u on u.number = m.user_number join servers s on s.number = u.server
    where m.room = ${room} and m.membership = 2 and s.name = any(${servers}::text[])`,
  )
  return rows.map((row) => row.user_number)
}

/** How many joined members each server has in a room, and how many are joined or invited in all. */
export function serversInRoom(db: Db, room: RoomNumber): Promise<{ server: string; joined: number }[]> {
  return many(
    db,
    sql`
    select s.name as server, count(*) as joined from members m join users u on u.number = m.user_number
    join servers s on s.number = u.server where m.room = ${room} and m.membership = 2 group by s.name`,
  )
}

/** Of some servers, those with a joined member in a room. */
export async function joinedServers(db: Db, room: RoomNumber): Promise<string[]> {
  return (await serversInRoom(db, room)).map((row) => row.server)
}

/** The rooms that two users share now, both joined. */
export async function sharedRooms(db: Db, a: UserNumber, b: UserNumber): Promise<RoomNumber[]> {
  const rows = await many<{ room: number }>(
    db,
    sql`
    select x.room from members x join members y on y.room = x.room and y.user_number = ${b} and y.membership = 2
    where x.user_number = ${a} and x.membership = 2`,
  )
  return rows.map((row) => row.room)
}

/** Memberships of a room by kind, counted. */
export async function memberCounts(db: Db, room: RoomNumber): Promise<Map<Membership, number>> {
  const rows = await many<{ membership: number; count: number }>(
    db,
    sql`
    select membership, count(*) from members where room = ${room} group by membership`,
  )
  return new Map(rows.map((row) => [memberships[row.membership] as Membership, row.count]))
}

/** Users of a server who have, or had, to do with a room. */
export async function usersOfServer(db: Db, room: RoomNumber, server: string): Promise<UserNumber[]> {
  const rows = await many<{ user_number: number }>(
    db,
    sql`
    select m.user_number from members m join users u on u.number = m.user_number join servers s on s.number = u.server
    where m.room = ${room} and s.name = ${server}`,
  )
  return rows.map((row) => row.user_number)
}
