import type { RoomVersionRules } from '@kith/spec/rooms/room-version'

/** A join rule, or where a room version does not know it, the nearest that it has: one that lets in nobody more. */
export function joinRuleIn(rule: string, rules: RoomVersionRules): string {
  const { knocking, restrictedJoins, knockRestricted } = rules
  if (rule === 'knock_restricted' && !knockRestricted) {
    return joinRuleIn(restrictedJoins ? 'restricted' : 'knock', rules)
  }
  if (rule === 'restricted' && !restrictedJoins) return 'invite'
  return rule === 'knock' && !knocking ? 'invite' : rule
}
