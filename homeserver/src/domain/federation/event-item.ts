import { MatrixError } from '@kith/spec/errors'
import type { Json } from '@kith/spec/json'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { parseJson } from '@kith/spec/strict-json'

/**
 * The value of a raw text that is canonical JSON but for its spaces and order (checklist J2), or that is JSON at all in
 * a room whose version asks for no more; undefined for others.
 */
export function eventItem(
  text: string,
  { strictJson }: Pick<RoomVersionRules, 'strictJson'>,
): Json | undefined {
  try {
    return parseJson(text, strictJson ? 'canonical' : 'exact')
  } catch (error) {
    if (error instanceof MatrixError) return undefined
    throw error
  }
}
