import type { RoomVersionRules } from '../room-version.ts'

/** `rule` is the number of the authorization rule in the text of the room's version. */
export type Verdict = { allowed: true } | { allowed: false; rule: string; reason: string }

export const allow: Verdict = { allowed: true }

export const reject = (rule: string, reason: string): Verdict => ({ allowed: false, rule, reason })

type Has = (rules: RoomVersionRules) => boolean

/** The rules of version 12 that others lack. */
const notEverywhere: readonly [number: string, has: Has][] = [
  ['2', (rules) => rules.roomIdIsCreateHash],
  ['5.2', (rules) => rules.restrictedJoins],
  ['5.3.5', (rules) => rules.restrictedJoins],
  ['5.7', (rules) => rules.knocking],
  ['10.1', (rules) => rules.integerPowerLevels],
  ['10.2', (rules) => rules.integerPowerLevels],
  ['10.4', (rules) => rules.privilegedCreators],
]

/** The rules that version 12 lacks, by the number there of the rule they come before. */
const onlyBefore: readonly [next: string, has: Has][] = [
  ['5', (rules) => rules.aliasesRule],
  ['11', (rules) => rules.redactionRule],
]

/**
 * Translates a rule number of room version 12, by which the code cites, into that of the room's version: a rule that is
 * not there makes all that follow it in its list count one less, one that is there besides makes them count one more.
 */
export function ruleNumber(number: string, rules: RoomVersionRules): string {
  const numbers = known.get(rules) ?? new Map<string, string>()
  const translated = numbers.get(number) ?? translate(number, rules)
  known.set(rules, numbers.set(number, translated))
  return translated
}

/** State resolution refuses thousands of events; the numbers are those that the code cites. */
const known = new WeakMap<RoomVersionRules, Map<string, string>>()

function translate(number: string, rules: RoomVersionRules): string {
  const parts = number.split('.').map(Number)
  const path = (level: number) => parts.slice(0, level).join('.')
  return parts
    .map((part, level) => {
      const isAt = (other: string) => other.split('.').slice(0, -1).join('.') === path(level)
      const last = (other: string) => Number(other.split('.').at(-1))
      const missing = notEverywhere.filter(([other, has]) => isAt(other) && last(other) < part && !has(rules))
      const besides = onlyBefore.filter(([other, has]) => isAt(other) && last(other) <= part && has(rules))
      return part - missing.length + besides.length
    })
    .join('.')
}
