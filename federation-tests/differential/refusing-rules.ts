import { maxIdBytes } from '@kith/spec/ids'
import { utf8Length } from '@kith/spec/json'
import { listVectors, refusingRuleOf, stateVectors } from '@kith/spec/rooms/auth/test-vectors'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { holdsFor } from '@kith/spec/rooms/test-versions'

/**
 * The numbers of the rules by which an event of this room version can be refused, as the vectors have them. Those that
 * bound a state key never come to it: an event with so long a one is refused for its format.
 */
export function refusingRules(rules: RoomVersionRules): string[] {
  const inRooms = stateVectors.filter(({ state }) => state.create !== null)
  const refused = [...inRooms, ...listVectors].filter(
    (vector) => !vector.allowed && holdsFor(vector, rules) && !isLong(vector),
  )
  return [...new Set(refused.map((vector) => refusingRuleOf(vector, rules)))]
}

function isLong({ event }: { event?: { state_key?: string } }): boolean {
  return event?.state_key !== undefined && utf8Length(event.state_key) > maxIdBytes
}
