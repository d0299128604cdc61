import { MatrixError } from '@kith/spec/errors'
import type { Json } from '@kith/spec/json'
import { parseJson } from '@kith/spec/strict-json'

/** The value of a raw text that is canonical JSON but for its spaces and order (checklist J2); undefined for others. */
export function canonicalItem(text: string): Json | undefined {
  try {
    return parseJson(text, 'canonical')
  } catch (error) {
    if (error instanceof MatrixError) return undefined
    throw error
  }
}
