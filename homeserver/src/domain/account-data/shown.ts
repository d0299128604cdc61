import type { JsonObject } from '@kith/spec/json'
import { noStoredRules, rulesetOf, type StoredRules } from '@kith/spec/push/rules'
import type { AccountDataChange } from '../../storage/account-data.ts'
import { pushRulesType } from './account-data-view.ts'

/** The content of account data as its owner sees it: of push rules, all in force, not only what he changed. */
export function shownContent(
  userId: string,
  { type, content }: Pick<AccountDataChange, 'type' | 'content'>,
): JsonObject {
  if (type !== pushRulesType) return JSON.parse(content) as JsonObject
  const global = rulesetOf(userId, JSON.parse(content) as StoredRules)
  return JSON.parse(JSON.stringify({ global })) as JsonObject
}

/** Account data as events; the push rules are there even if they were never changed. */
export function shownAccountData(
  userId: string,
  entries: readonly Pick<AccountDataChange, 'type' | 'content'>[],
  withDefaults: boolean,
): JsonObject[] {
  const last = new Map(entries.map(({ type, content }) => [type, content]))
  if (withDefaults && !last.has(pushRulesType)) last.set(pushRulesType, JSON.stringify(noStoredRules))
  return [...last].map(([type, content]) => ({ type, content: shownContent(userId, { type, content }) }))
}
