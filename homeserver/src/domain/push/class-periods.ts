/** When somebody was in which class of push rules, per room. A change of rules counts for what comes after it. */
import type { RuleClass } from '@kith/spec/push/rule-classes'
import { elsewhere } from '@kith/spec/push/standings'
import type { Position } from '../../log/log.ts'
import type { RoomNumber, UserNumber } from '../../storage/interning.ts'
import { type ClassRow, classesOf } from '../../storage/push-classes.ts'
import type { ClassPeriod } from '../../storage/unread.ts'
import type { Homeserver } from '../homeserver.ts'

export async function classPeriodsOf(
  server: Homeserver,
  user: UserNumber,
  rooms: readonly RoomNumber[],
): Promise<ClassPeriod[]> {
  const names = await server.interning.rooms.names(server.database, rooms)
  const rows = await classesOf(server.database, user, [...names.values()])
  return rooms.flatMap((room) => periodsIn(rows, room, names.get(room) as string))
}

/** @param rows of this room and elsewhere, oldest first; of others too */
export function periodsIn(rows: readonly ClassRow[], room: RoomNumber, roomId: string): ClassPeriod[] {
  const periods: ClassPeriod[] = []
  let here: RuleClass | undefined
  let there: RuleClass = 'all'
  const enter = (after: Position) => {
    const last = periods.at(-1)
    if (last) last.upTo = after
    periods.push({ room, after, upTo: Number.MAX_SAFE_INTEGER, class: here ?? there })
  }
  enter(0)
  for (const row of rows) {
    if (row.roomId === roomId) here = row.class
    else if (row.roomId === elsewhere) there = row.class ?? 'all'
    else continue
    if ((here ?? there) !== periods.at(-1)?.class) enter(row.position)
  }
  return periods
}

/** The class of what comes after a position, as long as the rules are not changed. */
export function classAt(periods: readonly ClassPeriod[], room: RoomNumber, position: Position): RuleClass {
  const period = periods.find((each) => each.room === room && position >= each.after && position < each.upTo)
  return period?.class ?? 'all'
}
