import type { RoomEvent } from '../events/pdu.ts'
import { isObject, type JsonObject, own } from '../json.ts'
import type { RoomVersionRules } from './room-version.ts'

export interface PowerLevels {
  /** Infinity for the creators of a room that privileges them. */
  user(userId: string): number
  /** What it takes to send an event of this type. */
  event(type: string, isState: boolean): number
  /** What it takes to notify with this key, such as `room`. */
  notification(key: string): number
  ban: number
  kick: number
  redact: number
  invite: number
}

/**
 * The levels that apply in a room, defaults included.
 *
 * @param current the `m.room.power_levels` event, if the room has one
 * Source: client-server API, `m.room.power_levels`; server-server API, "Checks performed on receipt of a PDU";
 * room version 12, "Authorisation rules".
 */
export function powerLevels(
  create: RoomEvent,
  current: RoomEvent | undefined,
  rules: RoomVersionRules,
): PowerLevels {
  const content = current?.pdu.content ?? {}
  const creators = new Set(creatorsOf(create, rules))
  const level = (key: string, ifAbsent: number) => integer(own(content, key)) ?? ifAbsent
  const entry = (map: string, key: string) => integer(own(mapOf(content, map), key))
  const usersDefault = level('users_default', 0)
  const stateDefault = level('state_default', 50)
  const eventsDefault = level('events_default', 0)
  return {
    user(userId) {
      if (creators.has(userId)) {
        if (rules.privilegedCreators) return Number.POSITIVE_INFINITY
        if (!current) return 100
      }
      return entry('users', userId) ?? usersDefault
    },
    event: (type, isState) => entry('events', type) ?? (isState ? stateDefault : eventsDefault),
    notification: (key) => entry('notifications', key) ?? 50,
    ban: level('ban', 50),
    kick: level('kick', 50),
    redact: level('redact', 50),
    invite: level('invite', 0),
  }
}

/** The users that made the room; only room version 12 and later know more than one. */
export function creatorsOf(create: RoomEvent, rules: RoomVersionRules): string[] {
  const { sender, content } = create.pdu
  if (rules.creatorInContent) return typeof content.creator === 'string' ? [content.creator] : []
  const additional = own(content, 'additional_creators')
  if (!rules.privilegedCreators || !Array.isArray(additional)) return [sender]
  return [sender, ...additional.filter((id) => typeof id === 'string')]
}

function mapOf(content: JsonObject, key: string): JsonObject {
  const map = own(content, key)
  return isObject(map) ? map : {}
}

function integer(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined
}
