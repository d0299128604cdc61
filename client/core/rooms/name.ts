import type { RoomRecord } from '../store/records.ts'
import type { RoomName } from '../views.ts'
import { personIn } from './people.ts'
import { stateText } from './state.ts'

/**
 * What a room is called.
 *
 * Source: client-server API, "Calculating the display name for a room".
 */
export function roomName(room: RoomRecord, me: string): RoomName {
  const given = stateText(room, 'm.room.name', 'name') ?? stateText(room, 'm.room.canonical_alias', 'alias')
  if (given !== undefined) return { kind: 'given', text: given }
  const heroes = heroesOf(room, me)
  const names = heroes.map((userId) => personIn(room, userId).name)
  const others = room.joined + room.invited - 1
  if (others > 0 || (names.length > 0 && room.membership === 'invite')) {
    return { kind: 'people', names, more: Math.max(others - names.length, 0) }
  }
  return { kind: 'empty', names }
}

/** Of an invite the server tells no heroes: there it is who invites. */
function heroesOf(room: RoomRecord, me: string): string[] {
  const heroes = room.heroes.filter((userId) => userId !== me)
  return heroes.length === 0 && room.inviter !== undefined ? [room.inviter] : heroes
}
