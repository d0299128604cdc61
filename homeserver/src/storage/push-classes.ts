import { type RuleClass, ruleClasses } from '@kith/spec/push/rule-classes'
import { elsewhere } from '@kith/spec/push/standings'
import { BASE } from '../log/kind.ts'
import { type Db, many, type Sql, sql } from '../platform/database.ts'
import type { UserNumber } from './interning.ts'

export interface ClassChange {
  roomId: string
  /** Undefined when the room has no class of its own any more. */
  class: RuleClass | undefined
}

export interface ClassRow extends ClassChange {
  /** What happens after it is of this class. */
  position: number
}

/** How somebody's rules are to be looked at from now on. */
export interface PushStandingChange {
  classes: ClassChange[]
  /** Bits of the situations in which they are looked at singly in some room. */
  singly: number
}

const numberOf = (ruleClass: RuleClass | undefined) =>
  ruleClass === undefined ? null : ruleClasses.indexOf(ruleClass)

export function insertStandings(
  rows: { offset: number; user: UserNumber; standing: PushStandingChange }[],
): Sql[] {
  if (rows.length === 0) return []
  const classes = rows.flatMap(({ offset, user, standing }) =>
    standing.classes.map((change) => ({ ...change, offset, user })),
  )
  const last = [...new Map(rows.map(({ user, standing }) => [user, standing.singly]))]
  return [
    sql`
    insert into push_classes (user_number, room_id, position, class)
    select user_number, room_id, ${BASE} + at, class
    from unnest(${classes.map((c) => c.user)}::bigint[], ${classes.map((c) => c.roomId)}::text[],
      ${classes.map((c) => c.offset)}::bigint[], ${classes.map((c) => numberOf(c.class))}::smallint[])
      as row(user_number, room_id, at, class)`,
    sql`
    insert into push_singly (user_number, situations)
    select * from unnest(${last.map(([user]) => user)}::bigint[], ${last.map(([, singly]) => singly)}::smallint[])
    on conflict (user_number) do update set situations = excluded.situations`,
  ]
}

/** Somebody's classes in some rooms and elsewhere, all that ever were, oldest first. */
export async function classesOf(db: Db, user: UserNumber, roomIds: readonly string[]): Promise<ClassRow[]> {
  const rows = await many<Row>(
    db,
    sql`
    select room_id, position, class from push_classes
    where user_number = ${user} and room_id = any(${[elsewhere, ...roomIds]}::text[]) order by position`,
  )
  return rows.map(classRow)
}

/** Somebody's classes as they are now, by room ID. */
export async function currentClasses(db: Db, user: UserNumber): Promise<Map<string, RuleClass>> {
  const rows = await many<Row>(
    db,
    sql`
    select distinct on (room_id) room_id, position, class from push_classes where user_number = ${user}
    order by room_id, position desc`,
  )
  return new Map(rows.map(classRow).flatMap((row) => (row.class ? [[row.roomId, row.class]] : [])))
}

interface Row {
  room_id: string
  position: number
  class: number | null
}

const classRow = ({ room_id, position, class: number }: Row): ClassRow => ({
  roomId: room_id,
  position,
  class: number === null ? undefined : ruleClasses[number],
})

/** Those who are looked at singly in some room, with the situations. Uses `push_singly_some`. */
export async function lookedAtSingly(db: Db): Promise<Map<UserNumber, number>> {
  const rows = await many<{ user_number: number; situations: number }>(
    db,
    sql`
    select user_number, situations from push_singly where situations <> 0`,
  )
  return new Map(rows.map((row) => [row.user_number, row.situations]))
}

/** Whose rules are older than the classes. Uses `account_data_rules`. */
export async function usersWithoutClass(db: Db): Promise<UserNumber[]> {
  const rows = await many<{ user_number: number }>(
    db,
    sql`
    select user_number from account_data a where room = 0 and type = 'm.push_rules'::bytea
      and not exists (select from push_singly s where s.user_number = a.user_number)`,
  )
  return rows.map((row) => row.user_number)
}

/** Gives rules the classes that they always came to. */
export async function addFirstStandings(
  db: Db,
  standings: readonly { user: UserNumber; standing: PushStandingChange }[],
): Promise<void> {
  const classes = standings.flatMap(({ user, standing }) => standing.classes.map((c) => ({ ...c, user })))
  await db.query(sql`
    insert into push_classes (user_number, room_id, position, class)
    select user_number, room_id, 0, class
    from unnest(${classes.map((c) => c.user)}::bigint[], ${classes.map((c) => c.roomId)}::text[],
      ${classes.map((c) => numberOf(c.class))}::smallint[]) as row(user_number, room_id, class)
    on conflict do nothing`)
  await db.query(sql`
    insert into push_singly (user_number, situations)
    select * from unnest(${standings.map(({ user }) => user)}::bigint[],
      ${standings.map(({ standing }) => standing.singly)}::smallint[])
    on conflict do nothing`)
}
