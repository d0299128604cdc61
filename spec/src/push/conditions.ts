import type { RoomEvent } from '../events/pdu.ts'
import { isObject, type Json, own } from '../json.ts'
import { compileGlob, compileLiteral, type Glob } from './glob.ts'
import type { Condition } from './rules.ts'

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
  event: RoomEvent
  context: PushContext
  effort: Effort
}

/** Whether a condition holds. One that is unknown, badly formed, or too much effort never does. */
export function holds(condition: Condition, subject: Subject): boolean {
  const { kind, key = '', pattern, value, is = '' } = condition
  const { event, context, effort } = subject
  if (!afford(effort, conditionCost + parsingCost * key.length)) return false
  switch (kind) {
    case 'event_match':
      return pattern !== undefined && matchesProperty(key, pattern, subject)
    case 'event_property_is':
      return isScalar(value) && propertyOf(event, key) === value
    case 'event_property_contains': {
      const list = propertyOf(event, key)
      return isScalar(value) && Array.isArray(list) && afford(effort, list.length) && list.includes(value)
    }
    case 'contains_display_name':
      return Boolean(context.displayName) && bodyMatches(context.displayName ?? '', compileLiteral, subject)
    case 'room_member_count':
      return isCount(is, context.memberCount)
    case 'sender_notification_permission':
      return context.senderPower >= context.notificationLevel(key)
    default:
      return false
  }
}

/** Whether `content.body` has the pattern between word boundaries. */
export function bodyMatches(
  pattern: string,
  compile: (pattern: string) => Glob,
  { event, effort }: Subject,
): boolean {
  const body = own(event.pdu.content, 'body')
  if (typeof body !== 'string' || !affordMatch(effort, pattern, body)) return false
  return compile(pattern).matchesWords(body)
}

function matchesProperty(key: string, pattern: string, subject: Subject): boolean {
  if (key === 'content.body') return bodyMatches(pattern, compileGlob, subject)
  const text = propertyOf(subject.event, key)
  if (typeof text !== 'string' || !affordMatch(subject.effort, pattern, text)) return false
  return /[*?]/.test(pattern)
    ? compileGlob(pattern).matches(text)
    : pattern.toLowerCase() === text.toLowerCase()
}

/** A condition, and a character of a key or pattern, cost as much as so many characters of a text. */
const conditionCost = 16
const parsingCost = 4

function affordMatch(effort: Effort, pattern: string, text: string): boolean {
  return afford(effort, parsingCost * pattern.length + text.length * Math.ceil((pattern.length + 1) / 32))
}

function afford(effort: Effort, cost: number): boolean {
  effort.left -= cost
  return effort.left >= 0
}

function isScalar(value: Json | undefined): value is string | number | boolean | null {
  return value !== undefined && (value === null || typeof value !== 'object')
}

/** The value at a path like `content.m\.mentions.room`. Source: appendices, "Dot-separated property paths". */
function propertyOf({ pdu, eventId, roomId }: RoomEvent, path: string): Json | undefined {
  const [first = '', ...names] = splitPath(path)
  let value = first === 'event_id' ? eventId : first === 'room_id' ? roomId : own(pdu, first)
  for (const name of names) value = isObject(value) ? own(value, name) : undefined
  return value
}

/** `\.` is a dot and `\\` a backslash within a name; any other backslash stands for itself. */
function splitPath(path: string): string[] {
  const names: string[] = []
  let name = ''
  for (let index = 0; index < path.length; index++) {
    const char = path[index]
    if (char === '.') {
      names.push(name)
      name = ''
      continue
    }
    const next = path[index + 1]
    if (char === '\\' && (next === '.' || next === '\\')) index++
    name += path[index]
  }
  return [...names, name]
}

/** The form of `is` in a `room_member_count`. */
export const countPattern = /^(==|<=|>=|<|>)?(\d{1,15})$/

function isCount(is: string, count: number): boolean {
  const match = countPattern.exec(is)
  if (!match) return false
  const bound = Number(match[2])
  switch (match[1]) {
    case '<':
      return count < bound
    case '>':
      return count > bound
    case '<=':
      return count <= bound
    case '>=':
      return count >= bound
    default:
      return count === bound
  }
}
