/**
 * Who here can vouch for a join to a restricted room.
 *
 * Source: room version 8, "Authorization rules"; client-server-api, "Restricted rooms".
 */
import type { JsonObject } from '@kith/spec/json'
import { powerLevels } from '@kith/spec/rooms/power-levels'
import type { RoomNumber, UserNumber } from '../../storage/interning.ts'
import type { StoredEvent } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { membershipOf } from './member-changes.ts'
import { roomRules } from './room-rules.ts'
import { stateAt } from './state-reader.ts'

interface Joiner {
  room: RoomNumber
  userId: string
  user: UserNumber
}

/**
 * What this server can say for a join: `needless` where no voucher is needed, `outside` where the user is in no room
 * that opens this one, `unsure` where we are not in all of those, `elsewhere` where only another server has somebody
 * who may invite, else a local user who may.
 */
export type Vouching = 'needless' | 'outside' | 'unsure' | 'elsewhere' | { by: string }

export async function vouchingFor(server: Homeserver, { room, userId, user }: Joiner): Promise<Vouching> {
  const root = await server.rooms.root(room)
  const state = await stateAt(server, root, [
    ['m.room.create', ''],
    ['m.room.power_levels', ''],
    ['m.room.join_rules', ''],
    ['m.room.member', userId],
  ])
  const rule = state.get('m.room.join_rules', '')
  const membership = membershipOf(state.get('m.room.member', userId))
  if (!isRestricted(rule) || membership === 'join' || membership === 'invite') return 'needless'
  const isIn = await isInAllowedRoom(server, user, rule)
  if (isIn !== true) return isIn === 'unsure' ? 'unsure' : 'outside'
  const create = state.get('m.room.create', '') as StoredEvent
  const levels = powerLevels(create, state.get('m.room.power_levels', ''), roomRules(create))
  const { local } = await server.rooms.members.of(room)
  const names = await server.interning.users.names(server.database, [...local])
  for (const name of names.values()) if (levels.user(name) >= levels.invite) return { by: name }
  return 'elsewhere'
}

/**
 * A local user who may invite and so can vouch for the join; undefined where none is needed or the user is in no
 * room that opens this one (the auth rules then refuse); `elsewhere` where only another server can tell or has such
 * a user.
 */
export async function authorisingUser(
  server: Homeserver,
  joiner: Joiner,
): Promise<string | undefined | 'elsewhere'> {
  const vouching = await vouchingFor(server, joiner)
  if (typeof vouching === 'object') return vouching.by
  return vouching === 'elsewhere' || vouching === 'unsure' ? 'elsewhere' : undefined
}

/** Whether a join rule lets members of other rooms in. */
export function isRestricted(rule: StoredEvent | undefined): rule is StoredEvent {
  const joinRule = rule?.pdu.content.join_rule
  return joinRule === 'restricted' || joinRule === 'knock_restricted'
}

/**
 * Whether a user is joined to one of the rooms that a restricted join rule names. Of a room that this server has
 * left it knows nothing.
 */
async function isInAllowedRoom(
  server: Homeserver,
  user: UserNumber,
  rule: StoredEvent,
): Promise<boolean | 'unsure'> {
  const { allow } = rule.pdu.content
  if (!Array.isArray(allow)) return false
  let isUnsure = false
  for (const condition of allow as JsonObject[]) {
    if (condition?.type !== 'm.room_membership' || typeof condition.room_id !== 'string') continue
    const room = await server.interning.rooms.existing(server.database, condition.room_id)
    const members = room === undefined ? undefined : await server.rooms.members.of(room)
    if (!members || members.local.size === 0) isUnsure = true
    else if (members.all.get(user) === 'join') return true
  }
  return isUnsure && 'unsure'
}
