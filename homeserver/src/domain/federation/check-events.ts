/**
 * The checks that every event from elsewhere passes first, by whichever door it came: format, id, signatures, hash.
 *
 * Source: server-server-api, "Checks performed on receipt of a PDU", steps 1 to 3.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { MatrixError } from '@kith/spec/errors'
import { eventIdOf, hasValidHash, roomIdOf } from '@kith/spec/events/event-id'
import { checkFormat } from '@kith/spec/events/format'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { redact } from '@kith/spec/events/redaction'
import type { Json } from '@kith/spec/json'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import type { Homeserver } from '../homeserver.ts'
import { eventItem } from './event-item.ts'

/** What became of one event: itself, checked, or why it is dropped. */
export type Checked = { event: RoomEvent } | { eventId?: string; refused: string; isTemporary?: boolean }

interface Checking {
  rules: RoomVersionRules
  /** The room the events must belong to. */
  roomId: string
}

/** Checks events together: their keys are fetched once. In the order given. */
export async function checkEvents(
  server: Homeserver,
  { rules, roomId }: Checking,
  texts: readonly Json[],
): Promise<Checked[]> {
  const parsed = texts.map((text) => identified(server, { rules, roomId }, text))
  const events = parsed.flatMap((one) => ('event' in one ? [one.event] : []))
  const verdicts = await server.federation.verifyEvents(events, { rules })
  const byEvent = new Map(events.map((event, index) => [event, verdicts[index]]))
  return parsed.map((one) => {
    if (!('event' in one)) return one
    const { event } = one
    const verdict = byEvent.get(event)
    if (verdict === 'unavailable') {
      return { eventId: event.eventId, refused: 'its signing key cannot be had now', isTemporary: true }
    }
    if (verdict !== 'valid') return { eventId: event.eventId, refused: 'its signature is missing or wrong' }
    return { event: withTrueContent(server, rules, event) }
  })
}

/** Format and ids. */
function identified(server: Homeserver, { rules, roomId }: Checking, text: Json): Checked {
  try {
    const pdu = checkFormat(text, rules)
    const eventId = eventIdOf(pdu, rules, server.crypto)
    if (roomIdOf(pdu, eventId, rules) !== roomId) return { eventId, refused: 'it belongs to another room' }
    return { event: { eventId, roomId, pdu } }
  } catch (error) {
    if (error instanceof MatrixError) return { refused: error.message }
    throw error
  }
}

/** An event whose content is not what was hashed keeps only what the signatures cover (checklist A3). */
function withTrueContent(server: Homeserver, rules: RoomVersionRules, event: RoomEvent): RoomEvent {
  const { unsigned: _, ...pdu } = event.pdu
  const bare = { ...event, pdu }
  return hasValidHash(pdu, server.crypto) ? bare : { ...bare, pdu: redact(pdu, rules) }
}

/** Checking format and ids takes about 0.1 ms; between slices others get their turn. */
const sliceLength = 200

/** Of the raw texts of events, those that are JSON as their room has it (checklist J2) and pass; the others are dropped. */
export async function soundEvents(
  server: Homeserver,
  checking: Checking,
  texts: readonly string[],
): Promise<RoomEvent[]> {
  const sound: RoomEvent[] = []
  for (let at = 0; at < texts.length; at += sliceLength) {
    const slice = texts.slice(at, at + sliceLength).flatMap((text) => eventItem(text, checking.rules) ?? [])
    for (const one of await checkEvents(server, checking, slice)) if ('event' in one) sound.push(one.event)
    await nextTurn()
  }
  return sound
}
