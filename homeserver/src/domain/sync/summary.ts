import type { Membership } from '../../storage/event-inserts.ts'
import type { RoomNumber, UserNumber } from '../../storage/interning.ts'
import type { SyncContext } from './sync-context.ts'

export interface Summary {
  'm.heroes': string[]
  'm.joined_member_count': number
  'm.invited_member_count': number
}

const heroes = 5

/** Who and how many are in a room. */
export async function summaryOf({ server, reader }: SyncContext, room: RoomNumber): Promise<Summary> {
  const members = await server.rooms.members.of(room)
  const found = heroesAmong(members.all, reader.user)
  const names = await server.interning.users.names(server.database, found)
  return {
    'm.heroes': found.map((user) => names.get(user) as string),
    'm.joined_member_count': members.joined,
    'm.invited_member_count': members.invited,
  }
}

/** The first members besides the reader; those who are gone only where nobody else is left. */
function heroesAmong(all: ReadonlyMap<UserNumber, Membership>, reader: UserNumber): UserNumber[] {
  const found: UserNumber[] = []
  for (const [user, membership] of all) {
    if (user === reader || (membership !== 'join' && membership !== 'invite')) continue
    found.push(user)
    if (found.length === heroes) return found
  }
  if (found.length > 0) return found
  for (const [user, membership] of all) {
    if (user === reader || (membership !== 'leave' && membership !== 'ban')) continue
    found.push(user)
    if (found.length === heroes) break
  }
  return found
}
