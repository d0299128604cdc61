import { type CompiledRule, type CompiledRules, type Outcome, silent } from './compile-rules.ts'
import type { PushContext, Subject } from './conditions.ts'
import type { FlatEvent } from './flat-event.ts'

/**
 * Characters that the rules of one person may read for one event: 20 ms at worst. What is beyond it does
 * not match, so that nobody's rules hold up everybody's server. A thousand keywords on a page of text are well below it.
 */
const maxEffort = 2_000_000

/**
 * What an event does for one person: the actions of the first enabled rule that matches it.
 * Nobody is notified of what they sent themselves.
 */
export function evaluate(rules: CompiledRules, event: FlatEvent, context: PushContext): Outcome {
  if (event.sender === context.userId) return silent
  const subject: Subject = { event, context, effort: { left: maxEffort } }
  return (
    firstOf(rules.override, subject) ??
    firstOf(rules.content, subject) ??
    rules.room.get(event.roomId) ??
    rules.sender.get(event.sender) ??
    firstOf(rules.underride, subject) ??
    silent
  )
}

function firstOf(rules: readonly CompiledRule[], subject: Subject): Outcome | undefined {
  return rules.find(({ tests }) => tests.every((test) => test(subject)))?.outcome
}
