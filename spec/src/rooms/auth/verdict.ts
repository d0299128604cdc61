import type { RoomVersionRules } from '../room-version.ts'

/** `rule` is the number of the authorization rule in the text of the room's version. */
export type Verdict = { allowed: true } | { allowed: false; rule: string; reason: string }

export const allow: Verdict = { allowed: true }

export const reject = (rule: string, reason: string): Verdict => ({ allowed: false, rule, reason })

/**
 * Translates a rule number of room version 12, by which the code cites, into that of the room's version: versions 10
 * and 11 have no rule 2, so that all that follow count one less, and no rule 10.4 either.
 */
export function ruleNumber(number: string, rules: RoomVersionRules): string {
  if (rules.roomIdIsCreateHash) return number
  const [main = 0, sub, ...rest] = number.split('.').map(Number)
  const shifted = main === 10 && sub !== undefined && sub > 4 ? sub - 1 : sub
  return [main - 1, ...(shifted === undefined ? [] : [shifted]), ...rest].join('.')
}
