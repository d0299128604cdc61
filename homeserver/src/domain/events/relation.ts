import type { Pdu } from '@kith/spec/events/pdu'
import type { JsonObject } from '@kith/spec/json'
import type { Relation } from '../../storage/event-inserts.ts'

/**
 * What an event says of its relation to another; undefined where it says nothing well-formed.
 *
 * Source: client-server-api, "Forming relationships between events".
 */
export function relationOf(pdu: Pick<Pdu, 'content' | 'state_key'>): Relation | undefined {
  if (pdu.state_key !== undefined) return undefined
  const relates = pdu.content['m.relates_to']
  if (!isObject(relates)) return undefined
  const { event_id: parent, rel_type: relType, key } = relates
  if (typeof parent !== 'string' || typeof relType !== 'string') return undefined
  return { parent, relType, key: relType === 'm.annotation' && typeof key === 'string' ? key : undefined }
}

/** The root of the thread that an event is in. */
export function threadOf(pdu: Pick<Pdu, 'content' | 'state_key'>): string | undefined {
  const relation = relationOf(pdu)
  return relation?.relType === 'm.thread' ? relation.parent : undefined
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
