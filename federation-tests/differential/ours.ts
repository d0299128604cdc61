import { nodeCrypto, signingKeyFromSeed } from '@kith/homeserver/platform/crypto'
import { encodeBase64 } from '@kith/spec/base64'
import { canonicalJson } from '@kith/spec/canonical-json'
import type { SigningKey } from '@kith/spec/crypto'
import { MatrixError } from '@kith/spec/errors'
import { contentHash, eventIdOf, referenceBytes, roomIdOf } from '@kith/spec/events/event-id'
import { parseEvent } from '@kith/spec/events/format'
import type { Pdu, RoomEvent } from '@kith/spec/events/pdu'
import { redact } from '@kith/spec/events/redaction'
import { authEventIds } from '@kith/spec/events/references'
import { requiredSignatures } from '@kith/spec/events/signatures'
import type { JsonObject } from '@kith/spec/json'
import {
  authorize,
  authorizeAuthEvents,
  authStateKeys,
  authStateOf,
  type Verdict,
} from '@kith/spec/rooms/auth/authorize'
import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import { parseJson } from '@kith/spec/strict-json'
import type { JudgedRoom, Verdicts } from './cases.ts'

const seed = new Uint8Array(32).fill(7)

/** Whoever signs in these tests. */
export const signer = {
  server: 'a.test',
  keyName: 'auto',
  seed: encodeBase64(seed),
  key: signingKeyFromSeed('ed25519:auto', seed) satisfies SigningKey,
}

/** Throws for a version that we do not know. */
export function rulesOf(version: string): RoomVersionRules {
  const rules = roomVersions.get(version)
  if (!rules) throw new Error(`room version ${version} is unknown`)
  return rules
}

/** An event as we take it up from another server; throws where we drop it. */
export function eventOf(text: string, rules: RoomVersionRules): RoomEvent {
  const pdu = parseEvent(text, rules)
  const eventId = eventIdOf(pdu, rules, nodeCrypto)
  return { eventId, roomId: roomIdOf(pdu, eventId, rules) ?? '', pdu }
}

export function canonical(text: string): string | null {
  try {
    return canonicalJson(parseJson(text, 'canonical'))
  } catch {
    return null
  }
}

/** Our signature of an event; null where we would drop it. */
export function signatureOf(text: string, rules: RoomVersionRules): string | null {
  try {
    return encodeBase64(signer.key.sign(referenceBytes(eventOf(text, rules).pdu, rules)))
  } catch {
    return null
  }
}

/** Our verdicts on the events of a room, stage by stage. */
export function judgeRoom(room: JudgedRoom, rules: RoomVersionRules): Verdicts[] {
  const state = room.state.map((text) => eventOf(text, rules))
  const byId = new Map(state.map((event) => [event.eventId, event]))
  return room.cases.map(({ event: text, state: indices }) => {
    try {
      const event = eventOf(text, rules)
      const authEvents = namedBy(event.pdu, byId)
      if (!authEvents) return { format: 'an auth event is unknown' }
      const unsigned = requiredSignatures(event, rules).find(
        (server) => !Object.hasOwn(event.pdu.signatures, server),
      )
      if (unsigned !== undefined) return { format: `${unsigned} did not sign` }
      const held = indices.map((index) => state[index] as RoomEvent)
      return { ...formsOf(event, rules), ...judge({ event, authEvents, held }, rules) }
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error
      return { format: error.message }
    }
  })
}

function formsOf({ eventId, pdu }: RoomEvent, rules: RoomVersionRules): Verdicts {
  const { unsigned: _, ...redacted } = redact(pdu, rules)
  return {
    eventId,
    contentHash: contentHash(pdu, nodeCrypto),
    redacted: canonicalJson(redacted as JsonObject),
  }
}

interface Judged {
  event: RoomEvent
  authEvents: readonly RoomEvent[]
  held: readonly RoomEvent[]
}

function judge({ event, authEvents, held }: Judged, rules: RoomVersionRules): Verdicts {
  const list = textOf(authorizeAuthEvents(event, authEvents, rules))
  const state = textOf(authorize(event, authStateOf(held), { rules, crypto: nodeCrypto }))
  // Synapse judges a create event where it judges the list of auth events.
  if (event.pdu.type === 'm.room.create') return { list: state, state: null, selection: [] }
  return { list, state, selection: authStateKeys(event.pdu, rules) }
}

function textOf(verdict: Verdict): string | null {
  return verdict.allowed ? null : `${verdict.rule} ${verdict.reason}`
}

/** Undefined when one of them is not there: no rule is asked then. */
function namedBy(pdu: Pdu, byId: ReadonlyMap<string, RoomEvent>): RoomEvent[] | undefined {
  const ids = authEventIds(pdu)
  const events = ids.map((id) => byId.get(id)).filter((event) => event !== undefined)
  return events.length === ids.length ? events : undefined
}
