import { isObject } from '../json.ts'
import { compileCondition, type Test } from './conditions.ts'
import {
  type Action,
  type Condition,
  defaultRules,
  type PushRule,
  type RuleKind,
  type Ruleset,
  whoever,
} from './rules.ts'

export interface Outcome {
  notify: boolean
  highlight: boolean
  sound?: string
}

export const silent: Outcome = { notify: false, highlight: false }

export interface CompiledRule {
  /** All must hold. */
  tests: Test[]
  outcome: Outcome
}

/** The enabled rules of one person, made ready to be asked of many events. */
export interface CompiledRules {
  override: CompiledRule[]
  content: CompiledRule[]
  /** By room ID. */
  room: ReadonlyMap<string, Outcome>
  /** By the sender's ID. */
  sender: ReadonlyMap<string, Outcome>
  underride: CompiledRule[]
}

export function compileRules(rules: Ruleset): CompiledRules {
  return {
    override: compiled(rules, 'override'),
    content: compiled(rules, 'content'),
    room: byId(rules.room),
    sender: byId(rules.sender),
    underride: compiled(rules, 'underride'),
  }
}

/** The default rules, for whoever it is. */
export const compiledDefaults = compileRules(defaultRules(whoever))

function compiled(rules: Ruleset, kind: 'override' | 'content' | 'underride'): CompiledRule[] {
  return rules[kind]
    .filter((rule) => rule.enabled)
    .map((rule) => ({
      tests: conditionsOf(kind, rule).map(compileCondition),
      outcome: outcomeOf(rule.actions),
    }))
}

/** The conditions of a rule, that of a content rule written out. */
export function conditionsOf(kind: RuleKind, { pattern, conditions = [] }: PushRule): Condition[] {
  return kind === 'content' ? [{ kind: 'event_match', key: 'content.body', pattern }] : conditions
}

function byId(rules: readonly PushRule[]): Map<string, Outcome> {
  const enabled = rules.filter((rule) => rule.enabled)
  return new Map(enabled.map((rule) => [rule.rule_id, outcomeOf(rule.actions)]))
}

/** Unknown actions and those of old (`dont_notify`, `coalesce`) are ignored. */
export function outcomeOf(actions: readonly Action[]): Outcome {
  if (!actions.includes('notify')) return silent
  const outcome: Outcome = { notify: true, highlight: false }
  for (const action of actions) {
    if (!isObject(action)) continue
    if (action.set_tweak === 'highlight') outcome.highlight = action.value !== false
    if (action.set_tweak === 'sound' && typeof action.value === 'string') outcome.sound = action.value
  }
  return outcome
}
