import { listVectors, refusingRuleOf, stateVectors } from '@kith/spec/rooms/auth/test-vectors'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { holdsFor } from '@kith/spec/rooms/test-versions'

/** The numbers of the rules by which an event of this room version can be refused, as the vectors have them. */
export function refusingRules(rules: RoomVersionRules): string[] {
  const inRooms = stateVectors.filter(({ state }) => state.create !== null)
  const refused = [...inRooms, ...listVectors].filter((vector) => !vector.allowed && holdsFor(vector, rules))
  return [...new Set(refused.map((vector) => refusingRuleOf(vector, rules)))]
}
