import type { Crypto, VerifyKey } from '../crypto.ts'
import { domainOf, isUserId } from '../ids.ts'
import { own } from '../json.ts'
import type { RoomVersionRules } from '../rooms/room-version.ts'
import { signatureBy } from '../signing.ts'
import { referenceBytes } from './event-id.ts'
import type { Pdu, RoomEvent } from './pdu.ts'

/**
 * The servers without whose signature an event is dropped.
 *
 * A third-party invite may be sent on by another server than its sender's; what it carries in `signed` is checked
 * by the authorization rules. Source: server-server API, "Validating hashes and signatures on received events";
 * room version 12, authorization rule 5.2.
 */
export function requiredSignatures({ pdu }: Pick<RoomEvent, 'pdu'>, rules: RoomVersionRules): string[] {
  const servers = new Set(signersByType(pdu, rules))
  if (rules.eventId === 'given' && pdu.event_id !== undefined) servers.add(domainOf(pdu.event_id))
  return [...servers]
}

function signersByType(pdu: Pdu, rules: RoomVersionRules): string[] {
  if (pdu.type !== 'm.room.member') return [domainOf(pdu.sender)]
  const isThirdParty =
    own(pdu.content, 'membership') === 'invite' && Object.hasOwn(pdu.content, 'third_party_invite')
  const servers = new Set(isThirdParty ? [] : [domainOf(pdu.sender)])
  const voucher = own(pdu.content, 'join_authorised_via_users_server')
  if (rules.restrictedJoins && typeof voucher === 'string' && isUserId(voucher))
    servers.add(domainOf(voucher))
  return [...servers]
}

/** The keys a server claims to have signed this event with. */
export function signingKeyIds(pdu: Pdu, server: string): string[] {
  return Object.keys(own(pdu.signatures, server) ?? {})
}

/**
 * Whether every required server signed the event: with at least one of the keys given for it, and with none of
 * them wrongly. Signatures by other keys are ignored.
 *
 * @param keys by server: those known to be valid at the event's `origin_server_ts`
 */
// biome-ignore lint/complexity/useMaxParams: an event, what its room and its servers say of it, and the means to check it
export function verifyEvent(
  event: RoomEvent,
  rules: RoomVersionRules,
  keys: ReadonlyMap<string, readonly VerifyKey[]>,
  crypto: Crypto,
): boolean {
  const covered = referenceBytes(event.pdu, rules)
  return requiredSignatures(event, rules).every((server) => {
    const claimed = new Set(signingKeyIds(event.pdu, server))
    const known = (keys.get(server) ?? []).filter((key) => claimed.has(key.keyId))
    return known.length > 0 && known.every((key) => isSignedBy(event.pdu, server, { key, covered, crypto }))
  })
}

function isSignedBy(
  pdu: Pdu,
  server: string,
  { key, covered, crypto }: { key: VerifyKey; covered: Uint8Array; crypto: Crypto },
): boolean {
  const signature = signatureBy(pdu, server, key.keyId)
  return signature !== undefined && crypto.verify(key.publicKey, covered, signature)
}
