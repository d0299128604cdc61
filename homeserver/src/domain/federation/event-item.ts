import { MatrixError } from '@kith/spec/errors'
import { eventJson } from '@kith/spec/events/format'
import type { Json } from '@kith/spec/json'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'

/**
 * The value of a raw text that is canonical JSON but for its spaces and order (checklist J2), or that is JSON at all in
 * a room whose version asks for no more; undefined for others.
 */
export function eventItem(text: string, rules: Pick<RoomVersionRules, 'strictJson'>): Json | undefined {
  try {
    return eventJson(text, rules)
  } catch (error) {
    if (error instanceof MatrixError) return undefined
    throw error
  }
}
