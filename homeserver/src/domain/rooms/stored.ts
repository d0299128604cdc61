import type { Pdu, RoomEvent } from '@kith/spec/events/pdu'
import { redactionTarget } from '@kith/spec/events/redaction'
import { isUserId } from '@kith/spec/ids'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { type RoomNumber, stateKeyNameOf, type UserNumber } from '../../storage/interning.ts'
import { type StoredEvent, standings } from '../../storage/stored-event.ts'
import { storeUnplaced } from '../../storage/unplaced-events.ts'
import type { Homeserver } from '../homeserver.ts'
import { pduBytes } from './pdu-bytes.ts'

export interface BlankParts {
  event: RoomEvent
  room: RoomNumber
  rules: RoomVersionRules
  /** The event as it is held already, as an outlier: it keeps its number. */
  held?: StoredEvent
}

/** An event from elsewhere with its numbers, not yet judged. One that is held as an outlier keeps its number. */
export async function blankEvent(
  server: Homeserver,
  { event, room, rules, held }: BlankParts,
): Promise<StoredEvent> {
  const { pdu } = event
  const number = held?.number ?? (await server.eventNumbers.ready(1))()
  const stateKey =
    pdu.state_key === undefined
      ? undefined
      : await server.interning.stateKeys.number(server.database, stateKeyNameOf(pdu.type, pdu.state_key))
  return {
    ...event,
    number,
    room,
    standing: standings.accepted,
    sender: await server.interning.users.number(server.database, pdu.sender),
    stateKey,
    redacts: redactionTarget(pdu, rules),
    notifies: false,
    highlights: false,
    bytes: pduBytes(pdu).length,
  }
}

/** Whom a member event is about. */
export async function userOf(server: Homeserver, pdu: Pdu): Promise<UserNumber | undefined> {
  if (pdu.type !== 'm.room.member' || pdu.state_key === undefined || !isUserId(pdu.state_key))
    return undefined
  return server.interning.users.number(server.database, pdu.state_key)
}

/**
 * Stores events that were checked but have no place: auth chains, states, invites.
 *
 * @returns them as they are held, also those held before
 */
export async function storeOutliers(
  server: Homeserver,
  { room, rules }: { room: RoomNumber; rules: RoomVersionRules },
  events: readonly RoomEvent[],
): Promise<Map<string, StoredEvent>> {
  const held = new Map<string, StoredEvent>()
  for (let at = 0; at < events.length; at += atOnce) {
    for (const [id, event] of await storeSlice(server, { room, rules }, events.slice(at, at + atOnce)))
      held.set(id, event)
  }
  return held
}

const atOnce = 1000

async function storeSlice(
  server: Homeserver,
  { room, rules }: { room: RoomNumber; rules: RoomVersionRules },
  events: readonly RoomEvent[],
): Promise<Map<string, StoredEvent>> {
  const held = await server.events.byId(events.map((event) => event.eventId))
  await internAll(server, events)
  const fresh: { event: StoredEvent; pdu: Buffer }[] = []
  for (const event of events) {
    if (held.has(event.eventId)) continue
    const blank = await blankEvent(server, { event, room, rules })
    fresh.push({
      event: { ...blank, standing: standings.outlier },
      pdu: pduBytes(event.pdu),
    })
  }
  const numbers = await storeUnplaced(server.database, fresh)
  for (const { event } of fresh) {
    const number = numbers.get(event.eventId) ?? event.number
    if (number !== event.number) continue
    server.events.put(event)
    held.set(event.eventId, event)
  }
  // Stored by somebody else meanwhile: theirs is the one.
  const others = fresh.filter(({ event }) => !held.has(event.eventId)).map(({ event }) => event.eventId)
  for (const [id, event] of await server.events.byId(others)) held.set(id, event)
  return held
}

/** Asks for the numbers of all names at once, so that they are in memory when they are needed singly. */
async function internAll(server: Homeserver, events: readonly RoomEvent[]): Promise<void> {
  const { users, stateKeys } = server.interning
  const keys = events.flatMap(({ pdu }) =>
    pdu.state_key === undefined ? [] : [stateKeyNameOf(pdu.type, pdu.state_key)],
  )
  await users.numbers(server.database, [...new Set(events.map(({ pdu }) => pdu.sender))])
  await stateKeys.numbers(server.database, [...new Set(keys)])
}
