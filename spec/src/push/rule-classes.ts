/**
 * Most people's rules come to one of three things, so that an event is evaluated once for all of them.
 */
import { compiledDefaults, type Outcome, silent } from './compile-rules.ts'
import type { PushContext } from './conditions.ts'
import { evaluate } from './evaluate.ts'
import type { FlatEvent } from './flat-event.ts'
import { fold } from './glob.ts'
import { whoever } from './rules.ts'

/** As by default; only what highlights by default, which is what mentions all or ends the room; nothing. */
export const ruleClasses = ['all', 'mentions', 'muted'] as const
export type RuleClass = (typeof ruleClasses)[number]

export type Effect = Pick<Outcome, 'notify' | 'highlight'>

/** Kinds of events, as bits: some people differ from their class only for calls, or where two are alone. */
export const situations = { message: 1, betweenTwo: 2, call: 4 } as const
export const everySituation = situations.message | situations.betweenTwo | situations.call

/** The type of a call, which has a default rule of its own. */
export const callType = 'm.call.invite'

export function situationOf(type: string, memberCount: number): number {
  if (fold(type) === callType) return situations.call
  return memberCount === 2 ? situations.betweenTwo : situations.message
}

/** What an event does for people of each class whom it doesn't name. @param context whoever's */
export function classEffects(event: FlatEvent, context: PushContext): Record<RuleClass, Effect> {
  const all = evaluate(compiledDefaults, event, { ...context, userId: whoever, displayName: undefined })
  return { all, mentions: effectOn('mentions', all), muted: silent }
}

/** What an event does for people of a class, told from what it does by default. */
export function effectOn(ruleClass: RuleClass, byDefault: Effect): Effect {
  switch (ruleClass) {
    case 'all':
      return byDefault
    case 'mentions':
      return { notify: byDefault.highlight, highlight: byDefault.highlight }
    case 'muted':
      return silent
  }
}
