import type { RoomEvent } from '../events/pdu.ts'
import { isObject } from '../json.ts'
import { bodyMatches, holds, type PushContext, type Subject } from './conditions.ts'
import { compileGlob } from './glob.ts'
import { type Action, type PushRule, type RuleKind, type Ruleset, ruleKinds } from './rules.ts'

export interface Outcome {
  notify: boolean
  highlight: boolean
  sound?: string
}

/**
 * Characters that the rules of one person may read for one event: 20 ms at worst. What is beyond it does
 * not match, so that nobody's rules hold up everybody's server. A hundred keywords on a page of text are well below it.
 */
const maxEffort = 2_000_000

const silent: Outcome = { notify: false, highlight: false }

/**
 * What an event does for one person: the actions of the first enabled rule that matches it.
 * Nobody is notified of what they sent themselves.
 */
export function evaluate(rules: Ruleset, event: RoomEvent, context: PushContext): Outcome {
  if (event.pdu.sender === context.userId) return silent
  const subject: Subject = { event, context, effort: { left: maxEffort } }
  for (const kind of ruleKinds) {
    for (const rule of rules[kind]) {
      if (rule.enabled && applies(rule, kind, subject)) return outcomeOf(rule.actions)
    }
  }
  return silent
}

function applies(rule: PushRule, kind: RuleKind, subject: Subject): boolean {
  switch (kind) {
    case 'room':
      return rule.rule_id === subject.event.roomId
    case 'sender':
      return rule.rule_id === subject.event.pdu.sender
    case 'content':
      return rule.pattern !== undefined && bodyMatches(rule.pattern, compileGlob, subject)
    default:
      return (rule.conditions ?? []).every((condition) => holds(condition, subject))
  }
}

/** Unknown actions and those of old (`dont_notify`, `coalesce`) are ignored. */
function outcomeOf(actions: readonly Action[]): Outcome {
  if (!actions.includes('notify')) return silent
  const outcome: Outcome = { notify: true, highlight: false }
  for (const action of actions) {
    if (!isObject(action)) continue
    if (action.set_tweak === 'highlight') outcome.highlight = action.value !== false
    if (action.set_tweak === 'sound' && typeof action.value === 'string') outcome.sound = action.value
  }
  return outcome
}
