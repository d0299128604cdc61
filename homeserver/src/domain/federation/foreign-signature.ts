import type { RoomEvent } from '@kith/spec/events/pdu'
import { isObject, type JsonObject, own } from '@kith/spec/json'

/** Our event with the signatures that another server added to its copy. Nothing else of the copy is taken. */
export function withForeignSignature(
  event: RoomEvent,
  copy: JsonObject | undefined,
  signer: string,
): RoomEvent {
  const signatures = copy && isObject(copy.signatures) ? own(copy.signatures, signer) : undefined
  if (!signatures || !isObject(signatures)) return event
  const added: Record<string, string> = {}
  for (const [keyId, signature] of Object.entries(signatures)) {
    if (typeof signature === 'string') added[keyId] = signature
  }
  return {
    ...event,
    pdu: { ...event.pdu, signatures: { ...event.pdu.signatures, [signer]: added } },
  }
}
