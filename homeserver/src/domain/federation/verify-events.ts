import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Crypto, VerifyKey } from '@kith/spec/crypto'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { requiredSignatures, signingKeyIds, verifyEvent } from '@kith/spec/events/signatures'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import type { FoundKey, KeyRequest, KeyRing } from './key-ring.ts'

/** `unavailable`: a key could not be had just now; the event is to be looked at again later. */
export type SignatureVerdict = 'valid' | 'invalid' | 'unavailable'

/** Servers sign with one key. Whoever claims more than a few only wants us to look them up. */
const keysPerServer = 5
/** Verifying takes about 0.1 ms; between slices others get their turn. */
const sliceMs = 20

/**
 * Whether events are signed by all whose signature they need, with keys that were valid when they were sent.
 *
 * @returns in the order given
 */
export async function verifyEvents(
  { ring, crypto }: { ring: KeyRing; crypto: Crypto },
  events: readonly RoomEvent[],
  { rules, deadlineMs }: { rules: RoomVersionRules; deadlineMs?: number },
): Promise<SignatureVerdict[]> {
  const needed = events.map((event) => neededKeys(event, rules))
  const found = await ring.keysFor(needed.flat(), deadlineMs)
  let next = 0
  let sliceStart = performance.now()
  const verdicts: SignatureVerdict[] = []
  for (const [index, event] of events.entries()) {
    const requests = needed[index] ?? []
    const keys = found.slice(next, next + requests.length)
    next += requests.length
    verdicts.push(verdictOn(event, { requests, keys, rules, crypto }))
    if (performance.now() - sliceStart > sliceMs) {
      await nextTurn()
      sliceStart = performance.now()
    }
  }
  return verdicts
}

function neededKeys(event: RoomEvent, rules: RoomVersionRules): KeyRequest[] {
  // What any key vouched for at any time is good before room version 5. Source: room version 5, "Signing key validity period".
  const atMs = rules.strictKeyValidity ? event.pdu.origin_server_ts : 0
  return requiredSignatures(event, rules).flatMap((server) =>
    signingKeyIds(event.pdu, server)
      .filter((keyId) => keyId.startsWith('ed25519:'))
      .slice(0, keysPerServer)
      .map((keyId) => ({ server, keyId, atMs })),
  )
}

function verdictOn(
  event: RoomEvent,
  given: { requests: KeyRequest[]; keys: FoundKey[]; rules: RoomVersionRules; crypto: Crypto },
): SignatureVerdict {
  const usable = new Map<string, VerifyKey[]>()
  const missing = new Set<string>()
  for (const [index, { server }] of given.requests.entries()) {
    const key = given.keys[index]
    if (typeof key === 'object') usable.set(server, [...(usable.get(server) ?? []), key])
    else if (key === 'unavailable') missing.add(server)
  }
  const servers = requiredSignatures(event, given.rules)
  const unsure = servers.filter((server) => !usable.has(server))
  if (unsure.some((server) => !missing.has(server))) return 'invalid'
  if (unsure.length > 0) return 'unavailable'
  return verifyEvent(event, given.rules, usable, given.crypto) ? 'valid' : 'invalid'
}
