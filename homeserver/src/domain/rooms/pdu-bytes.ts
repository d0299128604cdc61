import { canonicalJson } from '@kith/spec/canonical-json'
import type { Pdu } from '@kith/spec/events/pdu'
import type { JsonObject } from '@kith/spec/json'

/** The exact bytes of an event that are stored and sent: its canonical JSON, without what one server may add. */
export function pduBytes(pdu: Pdu): Buffer {
  const { unsigned: _, ...signed } = pdu
  return Buffer.from(canonicalJson(signed as JsonObject))
}
