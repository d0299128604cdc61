import type { ClientEvent } from '@kith/spec/api/schemas'
import { isObject, own } from '@kith/spec/json'
import { levelRules } from '@kith/spec/rooms/level-rules'
import { type PowerLevels, powerLevels } from '@kith/spec/rooms/power-levels'
import type { RoomRecord } from '../store/records.ts'
import type { Member, Permissions } from '../views.ts'

/** The levels of a room; undefined as long as its creation is unknown, as in an invite. */
export function levelsOf(room: RoomRecord): PowerLevels | undefined {
  const create = own(room.state, 'm.room.create')
  if (!create || create.event_id === '') return undefined
  const rules = levelRules(String(create.content.room_version ?? 1))
  const levels = own(room.state, 'm.room.power_levels')
  return powerLevels(asRoomEvent(room.roomId, create), levels && asRoomEvent(room.roomId, levels), rules)
}

function asRoomEvent(roomId: string, event: ClientEvent): Parameters<typeof powerLevels>[0] {
  const { event_id: eventId, type, sender, content, origin_server_ts } = event
  const pdu = {
    ...{ type, sender, content, origin_server_ts, state_key: '' },
    ...{ depth: 0, prev_events: [], auth_events: [], hashes: { sha256: '' }, signatures: {} },
  }
  return { eventId, roomId, pdu }
}

export function permissionsOf(room: RoomRecord, me: string): Permissions {
  const levels = room.membership === 'join' ? levelsOf(room) : undefined
  const mine = levels?.user(me) ?? Number.NEGATIVE_INFINITY
  const may = (level: number | undefined) => level !== undefined && mine >= level
  return {
    send: may(levels?.event('m.room.message', false)),
    react: may(levels?.event('m.reaction', false)),
    redactOthers: may(levels?.redact) && may(levels?.event('m.room.redaction', false)),
    invite: may(levels?.invite),
    kick: may(levels?.kick),
    ban: may(levels?.ban),
    setName: may(levels?.event('m.room.name', true)),
    setTopic: may(levels?.event('m.room.topic', true)),
    setAvatar: may(levels?.event('m.room.avatar', true)),
    notifyRoom: may(levels?.notification('room')),
  }
}

/** What I may do with a member: nothing with those of my own level or above. */
export function powerOver(room: RoomRecord, me: string, member: Pick<Member, 'userId' | 'membership'>) {
  const levels = levelsOf(room)
  const power = levels?.user(member.userId) ?? 0
  const can = { kick: false, ban: false, unban: false }
  if (!levels || room.membership !== 'join' || member.userId === me) return { power, can }
  const mine = levels.user(me)
  const isAbove = mine > power
  const isPresent = member.membership !== 'leave' && member.membership !== 'ban'
  can.kick = isPresent && isAbove && mine >= levels.kick
  can.ban = member.membership !== 'ban' && isAbove && mine >= levels.ban
  can.unban = member.membership === 'ban' && isAbove && mine >= levels.ban && mine >= levels.kick
  return { power, can }
}

/** Whether a message mentions somebody. Source: client-server API, "User and room mentions". */
export function mentions(event: ClientEvent, me: string): boolean {
  const found = own(event.content, 'm.mentions')
  if (!isObject(found)) return false
  return found.room === true || (Array.isArray(found.user_ids) && found.user_ids.includes(me))
}
