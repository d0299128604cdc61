import type { RoomEvent } from '../events/pdu.ts'
import { type PowerLevels, powerLevels } from './power-levels.ts'
import type { RoomVersionRules } from './room-version.ts'

interface Known {
  create: RoomEvent
  rules: RoomVersionRules
  levels: PowerLevels
}

const known = new WeakMap<RoomEvent, Known>()

/** What `powerLevels` says, read once from an event: many are judged by the same levels. */
export function knownPowerLevels(
  create: RoomEvent,
  current: RoomEvent | undefined,
  rules: RoomVersionRules,
): PowerLevels {
  if (!current) return powerLevels(create, current, rules)
  const held = known.get(current)
  if (held && held.create === create && held.rules === rules) return held.levels
  const levels = powerLevels(create, current, rules)
  known.set(current, { create, rules, levels })
  return levels
}
