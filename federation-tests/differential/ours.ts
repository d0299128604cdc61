import { nodeCrypto, signingKeyFromSeed } from '@kith/homeserver/platform/crypto'
import { encodeBase64 } from '@kith/spec/base64'
import { canonicalJson } from '@kith/spec/canonical-json'
import type { SigningKey } from '@kith/spec/crypto'
import { contentHash, eventIdOf, referenceBytes, roomIdOf } from '@kith/spec/events/event-id'
import { checkFormat } from '@kith/spec/events/format'
import type { Pdu, RoomEvent } from '@kith/spec/events/pdu'
import { redact } from '@kith/spec/events/redaction'
import { authEventIds } from '@kith/spec/events/references'
import type { JsonObject } from '@kith/spec/json'
import { authorize, authorizeAuthEvents, authStateKeys, authStateOf } from '@kith/spec/rooms/auth/authorize'
import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import { parseJson } from '@kith/spec/strict-json'
import type { Description, JudgedRoom, Verdicts } from './cases.ts'

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
  const pdu = checkFormat(parseJson(text, 'canonical'), rules)
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

/** What we make of an event: its forms, hashes and signature. */
export function describeEvent(text: string, rules: RoomVersionRules): Description {
  try {
    const { eventId, pdu } = eventOf(text, rules)
    const { unsigned: _, ...redacted } = redact(pdu, rules)
    return {
      contentHash: contentHash(pdu, nodeCrypto),
      eventId,
      redacted: canonicalJson(redacted as JsonObject),
      signature: encodeBase64(signer.key.sign(referenceBytes(pdu, rules))),
    }
  } catch (error) {
    return { refused: String(error) }
  }
}

/** Our verdicts on the events of a room, stage by stage. */
export function judgeRoom(room: JudgedRoom, rules: RoomVersionRules): Verdicts[] {
  const state = room.state.map((text) => eventOf(text, rules))
  const byId = new Map(state.map((event) => [event.eventId, event]))
  return room.cases.map(({ event: text, state: indices }) => {
    let event: RoomEvent
    try {
      event = eventOf(text, rules)
    } catch (error) {
      return { format: String(error) }
    }
    const authEvents = namedBy(event.pdu, byId)
    const held = indices.map((index) => state[index] as RoomEvent)
    const context = { rules, crypto: nodeCrypto }
    const list = authorizeAuthEvents(event, authEvents, rules)
    const verdict = authorize(event, authStateOf(held), context)
    return {
      list: list.allowed ? null : `${list.rule} ${list.reason}`,
      state: verdict.allowed ? null : `${verdict.rule} ${verdict.reason}`,
      selection: authStateKeys(event.pdu, rules).toSorted(),
    }
  })
}

function namedBy(pdu: Pdu, byId: ReadonlyMap<string, RoomEvent>): RoomEvent[] {
  return authEventIds(pdu).map((id) => {
    const event = byId.get(id)
    if (!event) throw new Error(`the auth event ${id} is not among those given`)
    return event
  })
}
