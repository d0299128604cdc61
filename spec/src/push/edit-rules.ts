import { invalidParam, notFound } from '../errors.ts'
import {
  type Action,
  type Condition,
  defaultRules,
  type PushRule,
  type RuleKind,
  type Ruleset,
  type StoredRules,
} from './rules.ts'
import { checkActions, checkRule } from './validate-rule.ts'

/** Rules of one's own, of all kinds. */
export const maxRules = 10_000

export interface NewRule {
  ruleId: string
  actions: Action[]
  conditions?: Condition[]
  pattern?: string
  /** The own rule of the same kind that the new one becomes next more important than. Goes before `after`. */
  before?: string
  /** The own rule of the same kind that the new one becomes next less important than. */
  after?: string
}

/**
 * Adds a rule of one's own, or replaces the one of this ID. A new rule is enabled and the most important of its kind,
 * a replaced one stays as enabled and as important as it was, unless `before` or `after` say otherwise.
 *
 * @throws MatrixError M_INVALID_PARAM
 */
export function putRule(
  stored: StoredRules,
  kind: RuleKind,
  { ruleId, before, after, ...parts }: NewRule,
): StoredRules {
  const rules = stored.own[kind]
  const old = rules.findIndex((rule) => rule.rule_id === ruleId)
  const rule = ownRule(kind, ruleId, { ...parts, enabled: rules[old]?.enabled ?? true })
  checkRule(kind, rule)
  if (old < 0 && Object.values(stored.own).flat().length >= maxRules) {
    throw invalidParam(`Nobody may have more than ${maxRules} push rules`)
  }
  const others = rules.filter((each) => each !== rules[old])
  const place = placeOf(others, { before, after }) ?? Math.max(old, 0)
  return withOwn(stored, kind, [...others.slice(0, place), rule, ...others.slice(place)])
}

/** @throws MatrixError M_NOT_FOUND when it is no rule of one's own */
export function removeRule(stored: StoredRules, kind: RuleKind, ruleId: string): StoredRules {
  const rules = stored.own[kind].filter((rule) => rule.rule_id !== ruleId)
  if (rules.length === stored.own[kind].length) throw notFound('There is no such push rule')
  return withOwn(stored, kind, rules)
}

/** Which rule, and whose: the defaults depend on it. */
export interface RuleName {
  userId: string
  kind: RuleKind
  ruleId: string
}

/**
 * Enables or disables a rule, default or own, or changes what it does.
 *
 * @throws MatrixError M_NOT_FOUND, or M_INVALID_PARAM for an unknown action
 */
export function changeRule(
  stored: StoredRules,
  { userId, kind, ruleId }: RuleName,
  change: { enabled?: boolean; actions?: Action[] },
): StoredRules {
  checkActions(change.actions ?? [])
  const hasId = (rule: { rule_id: string }) => rule.rule_id === ruleId
  if (defaultRules(userId)[kind].some(hasId)) {
    const known = stored.changed.find(hasId)
    const others = stored.changed.filter((each) => each !== known)
    return { ...stored, changed: [...others, { rule_id: ruleId, ...known, ...change }] }
  }
  const own = stored.own[kind]
  const changed = own.map((rule) => (hasId(rule) ? { ...rule, ...change } : rule))
  for (const rule of changed.filter(hasId)) checkRule(kind, rule)
  if (!own.some(hasId)) throw notFound('There is no such push rule')
  return withOwn(stored, kind, changed)
}

/** @throws MatrixError M_NOT_FOUND */
export function findRule(rules: Ruleset, kind: RuleKind, ruleId: string): PushRule {
  const rule = rules[kind].find((each) => each.rule_id === ruleId)
  if (!rule) throw notFound('There is no such push rule')
  return rule
}

function ownRule(
  kind: RuleKind,
  rule_id: string,
  { actions, conditions, pattern, enabled }: Pick<PushRule, 'actions' | 'conditions' | 'pattern' | 'enabled'>,
): PushRule {
  const rule: PushRule = { rule_id, default: false, enabled, actions }
  if (kind === 'content' && pattern !== undefined) rule.pattern = pattern
  if (kind === 'override' || kind === 'underride') rule.conditions = conditions ?? []
  return rule
}

function placeOf(
  rules: readonly PushRule[],
  { before, after }: Pick<NewRule, 'before' | 'after'>,
): number | undefined {
  const neighbour = before ?? after
  if (neighbour === undefined) return undefined
  const index = rules.findIndex((rule) => rule.rule_id === neighbour)
  if (index < 0) throw invalidParam(`before/after rule not found: ${neighbour}`)
  return before === undefined ? index + 1 : index
}

function withOwn(stored: StoredRules, kind: RuleKind, rules: PushRule[]): StoredRules {
  return { ...stored, own: { ...stored.own, [kind]: rules } }
}
