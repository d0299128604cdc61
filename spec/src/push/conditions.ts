import type { Json } from '../json.ts'
import { type FlatEvent, type PropertyPath, propertyPath } from './flat-event.ts'
import { compileGlob, compileLiteral, fold, type Glob } from './glob.ts'
import { type Condition, whoever } from './rules.ts'

/** What decides beside the event; all of it as of the event. */
export interface PushContext {
  /** Whose rules are evaluated. */
  userId: string
  /** Their name in the room. */
  displayName?: string
  /** Joined members of the room. */
  memberCount: number
  /** The sender's power level. */
  senderPower: number
  /** The power level that a kind of notification needs, `room` for instance. */
  notificationLevel(key: string): number
}

/** How much work an evaluation may still do, in characters read. */
export interface Effort {
  left: number
}

export interface Subject {
  event: FlatEvent
  context: PushContext
  effort: Effort
}

/** A condition made ready to be asked of many events. */
export type Test = (subject: Subject) => boolean

const never: Test = () => false

/**
 * Whether a condition holds. One that is unknown, badly formed, or too much effort never does. It is made ready when
 * it is first asked, which counts as effort each time: what holds must not depend on what was asked before.
 */
export function compileCondition(condition: Condition): Test {
  const { key = '', pattern = '' } = condition
  const cost = conditionCost + parsingCost * (key.length + pattern.length)
  let test: Test | undefined
  return (subject) => {
    if (!afford(subject.effort, cost)) return false
    test ??= testOf(condition)
    return test(subject)
  }
}

/** Source: client-server API v1.19, "Push Rules", "Conditions". */
function testOf({ kind, key = '', pattern, value, is = '' }: Condition): Test {
  switch (kind) {
    case 'event_match':
      return typeof pattern === 'string' ? matchTest(propertyPath(key), pattern) : never
    case 'event_property_is':
      return isTest(propertyPath(key), value)
    case 'event_property_contains':
      return containsTest(propertyPath(key), value)
    case 'contains_display_name':
      return nameTest()
    case 'room_member_count':
      return countTest(is)
    case 'sender_notification_permission':
      return ({ context }) => context.senderPower >= context.notificationLevel(key)
    default:
      return never
  }
}

const body = propertyPath('content.body')

/** Whether `content.body` has the pattern between word boundaries. */
function wordsTest(glob: Glob): Test {
  return ({ event, effort }) => {
    const text = event.text(body)
    return text !== undefined && mayMatch(effort, glob, text) && glob.matchesWords(text)
  }
}

function matchTest(path: PropertyPath, pattern: string): Test {
  if (path.text === body.text) return wordsTest(compileGlob(pattern))
  if (pattern === whoever) return ({ event, context }) => event.text(path) === fold(context.userId)
  const glob = compileGlob(pattern)
  const isLiteral = !/[*?]/.test(pattern)
  return ({ event, effort }) => {
    const text = event.text(path)
    return text !== undefined && (isLiteral || mayMatch(effort, glob, text)) && glob.matches(text)
  }
}

function isTest(path: PropertyPath, value: Json | undefined): Test {
  if (!isScalar(value)) return never
  return ({ event, context }) => event.value(path) === (value === whoever ? context.userId : value)
}

function containsTest(path: PropertyPath, value: Json | undefined): Test {
  if (!isScalar(value)) return never
  return ({ event, context }) => event.list(path)?.has(value === whoever ? context.userId : value) ?? false
}

/** Names change, and one person has another in each room: the last one asked for is kept ready. */
function nameTest(): Test {
  let ready: { name: string; test: Test } | undefined
  return (subject) => {
    const name = subject.context.displayName
    if (!name) return false
    if (ready?.name !== name) ready = { name, test: wordsTest(compileLiteral(name)) }
    return ready.test(subject)
  }
}

/** What a condition costs at least, in characters of a text, and what each character of a key or pattern adds. */
const conditionCost = 16
const parsingCost = 4
/** Characters of a text that looking for a part goes by at once. */
const searchedAtOnce = 8
/** Elements of a pattern that one step through a text advances at once. */
const elementsAtOnce = 32

/** Whether a text has what every match has, and there is effort left to look closer. */
function mayMatch(effort: Effort, { part, size }: Glob, text: string): boolean {
  if (!afford(effort, text.length / searchedAtOnce) || !text.includes(part)) return false
  return afford(effort, text.length * Math.ceil((size + 1) / elementsAtOnce))
}

function afford(effort: Effort, cost: number): boolean {
  effort.left -= cost
  return effort.left >= 0
}

function isScalar(value: Json | undefined): value is string | number | boolean | null {
  return value !== undefined && (value === null || typeof value !== 'object')
}

/** The form of `is` in a `room_member_count`. */
export const countPattern = /^(==|<=|>=|<|>)?(\d{1,15})$/

function countTest(is: string): Test {
  const match = countPattern.exec(is)
  if (!match) return never
  const bound = Number(match[2])
  switch (match[1]) {
    case '<':
      return ({ context }) => context.memberCount < bound
    case '>':
      return ({ context }) => context.memberCount > bound
    case '<=':
      return ({ context }) => context.memberCount <= bound
    case '>=':
      return ({ context }) => context.memberCount >= bound
    default:
      return ({ context }) => context.memberCount === bound
  }
}
