import { encodeBase64 } from '../base64.ts'
import type { Crypto, SigningKey } from '../crypto.ts'
import type { RoomVersionRules } from '../rooms/room-version.ts'
import { withSignature } from '../signing.ts'
import { chosenEventId, contentHash, idOfBytes, referenceBytes, roomIdOf } from './event-id.ts'
import { checkFormat } from './format.ts'
import type { Pdu, RoomEvent } from './pdu.ts'

export type EventDraft = Omit<Pdu, 'event_id' | 'hashes' | 'signatures'>

export interface BuildContext {
  rules: RoomVersionRules
  serverName: string
  key: SigningKey
  crypto: Crypto
}

/**
 * Hashes and signs an event of this server and gives it its ID.
 *
 * Throws M_BAD_JSON or M_TOO_LARGE where other servers would drop the event.
 * Source: server-server API, "Adding hashes and signatures to outgoing events".
 */
export function buildEvent(draft: EventDraft, context: BuildContext): RoomEvent {
  const { rules, serverName, crypto } = context
  const given = rules.eventId === 'given' ? { event_id: chosenEventId(draft, serverName, crypto) } : {}
  const named = { ...draft, ...given }
  const hashed = { ...named, hashes: { sha256: contentHash(named, crypto) }, signatures: {} } as Pdu
  const reference = referenceBytes(hashed, rules)
  const pdu = checkFormat({ ...hashed, signatures: sign({}, reference, context) } as Pdu, rules)
  const eventId = pdu.event_id ?? idOfBytes(reference, rules, crypto)
  return { eventId, roomId: roomIdOf(pdu, eventId, rules) as string, pdu }
}

/** Adds this server's signature to an event of another, as for a join that it vouches for. Hashes stay. */
export function countersign(event: RoomEvent, context: Omit<BuildContext, 'crypto'>): RoomEvent {
  const reference = referenceBytes(event.pdu, context.rules)
  return { ...event, pdu: { ...event.pdu, signatures: sign(event.pdu.signatures, reference, context) } }
}

function sign(
  signatures: Pdu['signatures'],
  reference: Uint8Array,
  { key, serverName }: Pick<BuildContext, 'key' | 'serverName'>,
): Pdu['signatures'] {
  return withSignature(signatures, serverName, {
    keyId: key.keyId,
    signature: encodeBase64(key.sign(reference)),
  })
}
