/** The events of a transaction: each is taken or refused by itself, rooms side by side, those of a room in order. */
import { MatrixError } from '@kith/spec/errors'
import { eventIdOf } from '@kith/spec/events/event-id'
import type { Pdu } from '@kith/spec/events/pdu'
import { isObject, type Json } from '@kith/spec/json'
import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import { parseJson } from '@kith/spec/strict-json'
import { Refused } from '../../../log/log.ts'
import type { Homeserver } from '../../homeserver.ts'
import { type Checked, checkEvents } from '../check-events.ts'
import { eventItem } from '../event-item.ts'
import { type KnownRoom, knownRoom, mayTakePart } from '../known-room.ts'
import { RemoteError } from '../remote-error.ts'
import { admitEvent } from './admit.ts'
import { isOutage } from './outage.ts'
import { inPrevOrder } from './prev-order.ts'
import { takeRescinded } from './rescinded.ts'
import { Inadmissible, newBudget, type Source } from './source.ts'
import { mayBeVerifiedSoon, Unverifiable } from './unverifiable.ts'

/** Who sends, and to which domain of ours. */
export interface Sender {
  origin: string
  destination: string
}

/** By event id: nothing, or why the event was not taken. */
export type PduResults = Map<string, { error?: string }>

interface Item {
  /** Undefined where the text is no canonical JSON; in some rooms it need not be. */
  pdu: Json | undefined
  text: string
}

/** @throws Unverifiable when a key cannot be had just now; what is thrown when the database cannot work */
export async function receivePdus(
  server: Homeserver,
  sender: Sender,
  texts: readonly string[],
): Promise<PduResults> {
  const results: PduResults = new Map()
  const rooms = Map.groupBy(
    texts.map((text): Item => ({ text, pdu: eventItem(text, { strictJson: true }) })),
    roomOf,
  )
  const settled = await Promise.allSettled(
    [...rooms].map(([roomId, items]) =>
      server.receiving.run(`${sender.origin} ${roomId}`, () =>
        receiveForRoom(server, sender, { roomId, items, results }),
      ),
    ),
  )
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
  return results
}

function roomOf({ pdu, text }: Item): string {
  const value = pdu ?? anyJson(text)
  return isObject(value) && typeof value.room_id === 'string' ? value.room_id : ''
}

interface RoomItems {
  roomId: string
  items: readonly Item[]
  results: PduResults
}

async function receiveForRoom(server: Homeserver, sender: Sender, given: RoomItems): Promise<void> {
  const { roomId, items, results } = given
  const known = await knownRoom(server, roomId)
  if (!known) {
    const taken = await takeRescinded(server, roomId, items)
    return refuseAll(server, given, { why: 'this server is not in the room', taken })
  }
  if (!(await mayTakePart(server, known, sender.origin))) {
    return refuseAll(server, given, { why: 'the room does not let this server take part' })
  }
  const checked = await checkItems(server, known, items)
  const isUnverifiable = await admitAll(server, sourceOf(known, sender), { checked, results })
  if (isUnverifiable) throw new Unverifiable()
}

async function checkItems(server: Homeserver, known: KnownRoom, items: readonly Item[]): Promise<Checked[]> {
  const checked: Checked[] = []
  const canonical: Item[] = []
  for (const { text, pdu = lenientItem(text, known.rules) } of items) {
    if (pdu !== undefined) canonical.push({ text, pdu })
    else checked.push({ eventId: nameOf(server, text, known.rules), refused: 'it is not canonical JSON' })
  }
  const verdicts = await checkEvents(
    server,
    known,
    canonical.map(({ pdu }) => pdu as Json),
  )
  for (const [index, verdict] of verdicts.entries()) {
    // Of a malformed one the id has not been told.
    const isNamed = 'event' in verdict || verdict.eventId !== undefined
    const eventId = isNamed ? undefined : nameOf(server, canonical[index]?.text ?? '', known.rules)
    checked.push(isNamed ? verdict : { ...verdict, eventId })
  }
  return checked
}

function lenientItem(text: string, rules: RoomVersionRules): Json | undefined {
  return rules.strictJson ? undefined : eventItem(text, rules)
}

const sourceOf = (known: KnownRoom, { origin, destination }: Sender): Source => ({
  ...known,
  peer: origin,
  asker: destination,
  budget: newBudget(),
})

async function admitAll(
  server: Homeserver,
  source: Source,
  { checked, results }: { checked: readonly Checked[]; results: PduResults },
): Promise<boolean> {
  let isUnverifiable = false
  for (const one of checked) {
    if ('event' in one) continue
    if (one.isTemporary && one.eventId && mayBeVerifiedSoon(server, one.eventId)) isUnverifiable = true
    else setError(results, one.eventId, one.refused)
  }
  for (const event of inPrevOrder(checked.flatMap((one) => ('event' in one ? [one.event] : [])))) {
    try {
      const outcome = await admitEvent(server, source, event)
      results.set(event.eventId, outcome === 'rejected' ? { error: 'the auth rules reject it' } : {})
    } catch (error) {
      setError(results, event.eventId, whyNot(server, source, error))
    }
  }
  return isUnverifiable
}

/** One event, or one room, that cannot be dealt with must not block the rest. @throws what is an outage */
function whyNot(server: Homeserver, { roomId }: Source, error: unknown): string {
  if (error instanceof Inadmissible) return error.message
  if (error instanceof RemoteError) return 'what it refers to cannot be had'
  if (!(error instanceof Refused) && isOutage(error)) throw error
  server.logger.error({ err: error, roomId }, 'an event from another server could not be stored')
  return 'it could not be stored'
}

function setError(results: PduResults, eventId: string | undefined, error: string): void {
  if (eventId !== undefined) results.set(eventId, { error })
}

function refuseAll(
  server: Homeserver,
  { items, results }: RoomItems,
  { why, taken = new Set() }: { why: string; taken?: ReadonlySet<string> },
): void {
  for (const { text } of items) {
    // The room's version is not known: whoever sent the event looks for one of its possible ids.
    for (const rules of roomVersions.values()) {
      const eventId = nameOf(server, text, rules)
      if (eventId !== undefined) results.set(eventId, taken.has(eventId) ? {} : { error: why })
    }
  }
}

/** The id of an event that is not taken, as far as it can be told. */
function nameOf(server: Homeserver, text: string, rules: RoomVersionRules): string | undefined {
  const pdu = anyJson(text)
  if (!isObject(pdu) || typeof pdu.type !== 'string' || !isObject(pdu.content)) return undefined
  try {
    return eventIdOf(pdu as Json & Pdu, rules, server.crypto)
  } catch (error) {
    if (error instanceof MatrixError) return undefined
    throw error
  }
}

function anyJson(text: string): Json | undefined {
  try {
    return parseJson(text, 'plain')
  } catch (error) {
    if (error instanceof MatrixError) return undefined
    throw error
  }
}
