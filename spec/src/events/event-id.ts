import { decodeBase64, encodeBase64, encodeBase64Url } from '../base64.ts'
import { canonicalJson } from '../canonical-json.ts'
import type { Crypto } from '../crypto.ts'
import type { JsonObject } from '../json.ts'
import type { RoomVersionRules } from '../rooms/room-version.ts'
import { signedBytes } from '../signing.ts'
import type { Pdu } from './pdu.ts'
import { redact } from './redaction.ts'

/** Unpadded Base64. Source: server-server API, "Calculating the content hash for an event". */
export function contentHash(pdu: Partial<Pdu>, crypto: Crypto): string {
  const { unsigned: _, signatures: __, hashes: ___, ...covered } = pdu
  return encodeBase64(crypto.sha256(canonicalJson(covered as JsonObject)))
}

/** Whether the whole event is what its sender hashed. If not, only its redacted form may be used. */
export function hasValidHash(pdu: Pdu, crypto: Crypto): boolean {
  const claimed = decodeBase64(pdu.hashes.sha256)
  return claimed?.length === 32 && encodeBase64(claimed) === contentHash(pdu, crypto)
}

/** What an event's ID and its signatures cover: the redacted event without `signatures` and `unsigned`. */
export function referenceBytes(pdu: Pdu, rules: RoomVersionRules): Uint8Array {
  return signedBytes(redact(pdu, rules))
}

/** Unpadded Base64. Source: server-server API, "Calculating the reference hash for an event". */
export function referenceHash(pdu: Pdu, rules: RoomVersionRules, crypto: Crypto): string {
  return encodeBase64(crypto.sha256(referenceBytes(pdu, rules)))
}

/** The ID an event has or, from room version 3 on, its hash makes. Source: room versions 1, 3 and 4, "Event IDs". */
export function eventIdOf(pdu: Pdu, rules: RoomVersionRules, crypto: Crypto): string {
  return rules.eventId === 'given'
    ? (pdu.event_id ?? '')
    : idOfBytes(referenceBytes(pdu, rules), rules, crypto)
}

/** @param reference the result of `referenceBytes` */
export function idOfBytes(reference: Uint8Array, { eventId }: RoomVersionRules, crypto: Crypto): string {
  const hash = crypto.sha256(reference)
  return `$${eventId === 'hash' ? encodeBase64(hash) : encodeBase64Url(hash)}`
}

/**
 * An ID for an event of a room version where its server chooses it: a hash as well, so that the same event gets the
 * same ID in these versions too.
 */
export function chosenEventId(draft: Partial<Pdu>, serverName: string, crypto: Crypto): string {
  return `$${encodeBase64Url(crypto.sha256(canonicalJson(draft as JsonObject)))}:${serverName}`
}

/** The room of an event: the one it names, or for a create event that names none, the one its ID makes. */
export function roomIdOf(pdu: Pdu, eventId: string, rules: RoomVersionRules): string | undefined {
  if (rules.roomIdIsCreateHash && pdu.type === 'm.room.create' && pdu.state_key === '') {
    return `!${eventId.slice(1)}`
  }
  return pdu.room_id
}
