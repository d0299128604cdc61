/** One person's push rules, made ready for events. */
import { type CompiledRules, compiledDefaults, compileRules } from '@kith/spec/push/compile-rules'
import type { RuleClass } from '@kith/spec/push/rule-classes'
import { type Ruleset, rulesetOf, type StoredRules, whoever } from '@kith/spec/push/rules'
import { type Standings, standingsOf, usualStandings } from '@kith/spec/push/standings'
import type { PushStandingChange } from '../../storage/push-classes.ts'

export interface Person {
  rules: CompiledRules
  /** Computed when first asked for. */
  readonly standings: Standings
  /** Whether a rule asks for the person's name in the room. */
  asksForName: boolean
  /** How many rules there are. */
  size: number
}

export const usualPerson: Person = {
  rules: compiledDefaults,
  standings: usualStandings,
  asksForName: false,
  size: 0,
}

export function personOf(stored: StoredRules): Person {
  const ruleset = rulesetOf(whoever, stored)
  let standings: Standings | undefined
  return {
    rules: compileRules(ruleset),
    get standings() {
      standings ??= standingsOf(ruleset)
      return standings
    },
    asksForName: asksForName(ruleset),
    size: Object.values(ruleset).flat().length,
  }
}

function asksForName({ override, underride }: Ruleset): boolean {
  return [...override, ...underride].some((rule) =>
    rule.conditions?.some((condition) => condition.kind === 'contains_display_name'),
  )
}

/** What is to be stored of how somebody's rules are looked at. @param current the classes stored so far, by room ID */
export function standingChange(
  standings: Standings,
  current: ReadonlyMap<string, RuleClass>,
): PushStandingChange {
  const wanted = [...standings].map(([roomId, standing]) => ({ roomId, class: standing.class }))
  const gone = [...current.keys()].filter((roomId) => !standings.has(roomId))
  return {
    classes: [
      ...wanted.filter(({ roomId, class: ruleClass }) => current.get(roomId) !== ruleClass),
      ...gone.map((roomId) => ({ roomId, class: undefined })),
    ],
    singly: [...standings.values()].reduce((bits, { singly }) => bits | singly, 0),
  }
}
