/**
 * Who here can vouch for a join to a restricted room.
 *
 * Source: room version 8, "Authorization rules"; client-server-api, "Restricted rooms".
 */
import type { JsonObject } from '@kith/spec/json'
import { powerLevels } from '@kith/spec/rooms/power-levels'
import type { RoomNumber, UserNumber } from '../../storage/interning.ts'
import { memberRow } from '../../storage/members.ts'
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
 * A local user who may invite and so can vouch for the join; undefined where none is needed or the user is in no
 * room that opens this one (the auth rules then refuse); `elsewhere` where only another server has such a user.
 */
export async function authorisingUser(
  server: Homeserver,
  { room, userId, user }: Joiner,
): Promise<string | undefined | 'elsewhere'> {
  const root = await server.rooms.root(room)
  const state = await stateAt(server, root, [
    ['m.room.create', ''],
    ['m.room.power_levels', ''],
    ['m.room.join_rules', ''],
    ['m.room.member', userId],
  ])
  const rule = state.get('m.room.join_rules', '')
  const membership = membershipOf(state.get('m.room.member', userId))
  if (!isRestricted(rule) || membership === 'join' || membership === 'invite') return undefined
  if (!(await isInAllowedRoom(server, user, rule))) return undefined
  const create = state.get('m.room.create', '') as StoredEvent
  const levels = powerLevels(create, state.get('m.room.power_levels', ''), roomRules(create))
  const { local } = await server.rooms.members.of(room)
  const names = await server.interning.users.names(server.database, [...local])
  for (const name of names.values()) if (levels.user(name) >= levels.invite) return name
  return 'elsewhere'
}

/** Whether a join rule lets members of other rooms in. */
export function isRestricted(rule: StoredEvent | undefined): rule is StoredEvent {
  const joinRule = rule?.pdu.content.join_rule
  return joinRule === 'restricted' || joinRule === 'knock_restricted'
}

/** Whether a user is joined to one of the rooms that a restricted join rule names, as far as this server knows. */
export async function isInAllowedRoom(
  server: Homeserver,
  user: UserNumber,
  rule: StoredEvent,
): Promise<boolean> {
  const { allow } = rule.pdu.content
  if (!Array.isArray(allow)) return false
  for (const condition of allow as JsonObject[]) {
    if (condition?.type !== 'm.room_membership' || typeof condition.room_id !== 'string') continue
    const room = await server.interning.rooms.existing(server.database, condition.room_id)
    if (room === undefined) continue
    if ((await memberRow(server.database, room, user))?.membership === 'join') return true
  }
  return false
}
