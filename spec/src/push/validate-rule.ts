import { invalidParam } from '../errors.ts'
import { isRoomId, isUserId, maxIdBytes } from '../ids.ts'
import { isObject, type Json, utf8Length } from '../json.ts'
import { countPattern } from './conditions.ts'
import type { Action, Condition, PushRule, RuleKind } from './rules.ts'

export const maxRuleBytes = 1024

/** @throws MatrixError M_INVALID_PARAM when the rule is none that a person may have of their own */
export function checkRule(kind: RuleKind, rule: PushRule): void {
  checkRuleId(kind, rule.rule_id)
  checkActions(rule.actions)
  if (kind === 'content' && !rule.pattern) throw invalidParam('A content rule needs a pattern')
  for (const condition of rule.conditions ?? []) checkCondition(condition)
  checkSize(rule)
}

function checkSize(part: PushRule | readonly Action[]): void {
  if (utf8Length(JSON.stringify(part)) > maxRuleBytes) {
    throw invalidParam(`A push rule is limited to ${maxRuleBytes} bytes`)
  }
}

function checkRuleId(kind: RuleKind, id: string): void {
  if (id === '' || id.startsWith('.') || /[/\\]/.test(id) || utf8Length(id) > maxIdBytes) {
    throw invalidParam(
      'A rule ID may not be empty, begin with a dot, hold a slash or backslash, or be over 255 bytes',
    )
  }
  if (kind === 'room' && !isRoomId(id)) throw invalidParam('The ID of a room rule is the ID of a room')
  if (kind === 'sender' && !isUserId(id)) throw invalidParam('The ID of a sender rule is the ID of a user')
}

/** @throws MatrixError M_INVALID_PARAM */
export function checkActions(actions: readonly Action[]): void {
  for (const action of actions) {
    const isKnown = isObject(action)
      ? typeof action.set_tweak === 'string'
      : ['notify', 'dont_notify', 'coalesce'].includes(action)
    if (!isKnown) throw invalidParam(`${JSON.stringify(action).slice(0, 100)} is not an action`)
  }
  checkSize(actions)
}

/** Conditions of an unknown kind are kept: they never hold here, but a client may know them. */
function checkCondition({ kind, key, pattern, is, value }: Condition): void {
  switch (kind) {
    case 'event_match':
      if (!key || pattern === undefined) throw invalidParam('event_match needs a key and a pattern')
      break
    case 'event_property_is':
    case 'event_property_contains':
      if (!key || !isPlainValue(value)) {
        throw invalidParam(`${kind} needs a key and a string, integer, boolean or null to compare with`)
      }
      break
    case 'room_member_count':
      if (!countPattern.test(is ?? '')) throw invalidParam('room_member_count needs a number, as in ">=2"')
      break
    case 'sender_notification_permission':
      if (!key) throw invalidParam('sender_notification_permission needs a key')
      break
  }
}

function isPlainValue(value: Json | undefined): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value)
  return value !== undefined && (value === null || typeof value !== 'object')
}
