import type { Crypto } from '../crypto.ts'
import type { RoomVersionRules } from '../rooms/room-version.ts'
import { referenceHash } from './event-id.ts'
import type { Pdu, Reference, RoomEvent } from './pdu.ts'

/** The events that this one was sent after. */
export function prevEventIds({ prev_events }: Pick<Pdu, 'prev_events'>): readonly string[] {
  return idsOf(prev_events)
}

/** The events that this one says allow it. */
export function authEventIds({ auth_events }: Pick<Pdu, 'auth_events'>): readonly string[] {
  return idsOf(auth_events)
}

/** IDs alone are what most room versions have there, and then nothing is copied. */
function idsOf(references: readonly Reference[]): readonly string[] {
  const isPlain = references.length === 0 || typeof references[0] === 'string'
  return isPlain ? (references as string[]) : references.map(([id]) => id as string)
}

/** How another event names these, each once. Source: room versions 1 and 3, "Event format". */
export function referencesTo(
  events: Iterable<RoomEvent>,
  rules: RoomVersionRules,
  crypto: Crypto,
): Reference[] {
  const named = new Map<string, Reference>()
  for (const { eventId, pdu } of events) {
    const isPlain = rules.eventId !== 'given'
    if (!named.has(eventId)) {
      named.set(eventId, isPlain ? eventId : [eventId, { sha256: referenceHash(pdu, rules, crypto) }])
    }
  }
  return [...named.values()]
}
