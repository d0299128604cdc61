import { ExactNumber } from '../exact-number.ts'
import type { Json } from '../json.ts'
import type { LevelRules } from './level-rules.ts'

/** What stands where no level can be read: nobody has it, and nobody may change it. */
export const unreadable = Number.POSITIVE_INFINITY

const decimal = /^\p{White_Space}*([+-]?[0-9]+)\p{White_Space}*$/u

/**
 * Reads a level where the room's version takes integers only: anything else is as if it were absent, since an event
 * that has it is refused. Before version 10, strings of decimal digits are read as well, and numbers up to their point.
 *
 * Python, in which Synapse reads, also knows `1_000`, digits of other scripts, and `true`; the text does not.
 *
 * @returns undefined where there is no level, `unreadable` where it is none
 * Source: room version 1, "`m.room.power_levels` events accept values as strings" and "… as floats".
 */
export function levelOf(value: Json | undefined, rules: LevelRules): number | undefined {
  if (Number.isSafeInteger(value)) return value as number
  if (rules.integerPowerLevels || value === undefined) return undefined
  const level = Math.trunc(value instanceof ExactNumber ? Number(value.text) : decimalOf(value))
  return Number.isFinite(level) ? level : unreadable
}

function decimalOf(value: Json): number {
  if (typeof value === 'number') return value
  const digits = typeof value === 'string' ? decimal.exec(value)?.[1] : undefined
  return Number(digits ?? Number.NaN)
}

export function isLevel(value: Json | undefined, rules: LevelRules): boolean {
  return Number.isFinite(levelOf(value, rules))
}
