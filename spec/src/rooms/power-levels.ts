import type { RoomEvent } from '../events/pdu.ts'
import { isObject, type Json, own } from '../json.ts'
import type { LevelRules } from './level-rules.ts'
import { levelOf, unreadable } from './power-level-value.ts'

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
 * The levels that apply in a room, defaults included. Where one cannot be read, nobody reaches it; a user whose level
 * cannot be read has none.
 *
 * @param current the `m.room.power_levels` event, if the room has one
 * Source: client-server API, `m.room.power_levels`; server-server API, "Checks performed on receipt of a PDU";
 * room version 12, "Authorisation rules".
 */
export function powerLevels(
  create: RoomEvent,
  current: RoomEvent | undefined,
  rules: LevelRules,
): PowerLevels {
  const content = current?.pdu.content ?? {}
  const creators = new Set(creatorsOf(create, rules))
  const read = (value: Json | undefined) => levelOf(value ?? undefined, rules)
  const level = (key: string, ifAbsent: number) => read(own(content, key)) ?? ifAbsent
  const entry = (map: string, key: string) => {
    const entries = own(content, map)
    if (isObject(entries)) return read(own(entries, key))
    return rules.integerPowerLevels || entries === undefined ? undefined : unreadable
  }
  const usersDefault = level('users_default', 0)
  const stateDefault = level('state_default', 50)
  const eventsDefault = level('events_default', 0)
  return {
    user(userId) {
      if (creators.has(userId)) {
        if (rules.privilegedCreators) return Number.POSITIVE_INFINITY
        if (!current) return 100
      }
      const held = entry('users', userId) ?? usersDefault
      return held === unreadable ? Number.NEGATIVE_INFINITY : held
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
export function creatorsOf(create: RoomEvent, rules: LevelRules): string[] {
  const { sender, content } = create.pdu
  if (rules.creatorInContent) return typeof content.creator === 'string' ? [content.creator] : []
  const additional = own(content, 'additional_creators')
  if (!rules.privilegedCreators || !Array.isArray(additional)) return [sender]
  return [sender, ...additional.filter((id) => typeof id === 'string')]
}
