/** Gives events the tails that their reader sees. */
import type { JsonObject } from '@kith/spec/json'
import type { EventNumber, StoredEvent } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import type { Seen, Standpoint } from '../rooms/visibility.ts'
import { bundlesOf } from './bundles.ts'
import { clientEvent, type Reader, type Rendered, type Unsigned } from './client-event.ts'

export interface Rendering {
  from: Standpoint
  /** Ids of events that may have relations, when that is known: a message just sent has none. All, if absent. */
  parents?: ReadonlySet<string>
}

/** Renders events of one room that the reader may see. */
export async function render(
  server: Homeserver,
  reader: Reader,
  { seen, from, parents }: Rendering & { seen: readonly Seen[] },
): Promise<Rendered[]> {
  const events = seen.map(({ event }) => event)
  const related = parents ? events.filter(({ eventId }) => parents.has(eventId)) : events
  const [before, redactions, bundles] = await Promise.all([
    replacedStates(server, events),
    redactionsOf(server, events),
    related.length > 0 ? bundlesOf(server, reader, { events: related, from }) : noBundles,
  ])
  return seen.map(({ event, membership }) => {
    const unsigned: Unsigned = { ...basics(server, reader, event), membership }
    const replaced = before.get(event.number)
    if (replaced) {
      unsigned.prev_content = replaced.pdu.content
      unsigned.prev_sender = replaced.pdu.sender
      unsigned.replaces_state = replaced.eventId
    }
    addRedaction(server, unsigned, redactions.get(event.redactedBy ?? ''))
    const bundle = bundles.get(event.eventId)
    if (bundle) unsigned['m.relations'] = bundle
    return { event, unsigned }
  })
}

const noBundles: ReadonlyMap<string, JsonObject> = new Map()

/** Renders events of a state: what they are, without what is said of them. */
export async function renderState(
  server: Homeserver,
  reader: Reader,
  events: readonly StoredEvent[],
): Promise<Rendered[]> {
  const redactions = await redactionsOf(server, events)
  return events.map((event) => {
    const unsigned = basics(server, reader, event)
    addRedaction(server, unsigned, redactions.get(event.redactedBy ?? ''))
    return { event, unsigned }
  })
}

function basics(server: Homeserver, reader: Reader, event: StoredEvent): Unsigned {
  const unsigned: Unsigned = { age: Math.max(0, server.clock.now() - event.pdu.origin_server_ts) }
  const isEcho = event.sender === reader.user && event.deviceId === reader.deviceId
  if (isEcho && event.transactionId !== undefined) unsigned.transaction_id = event.transactionId
  return unsigned
}

function addRedaction(server: Homeserver, unsigned: Unsigned, redaction: StoredEvent | undefined): void {
  if (!redaction) return
  const age = Math.max(0, server.clock.now() - redaction.pdu.origin_server_ts)
  unsigned.redacted_because = clientEvent({ event: redaction, unsigned: { age } })
}

async function redactionsOf(
  server: Homeserver,
  events: readonly StoredEvent[],
): Promise<Map<string, StoredEvent>> {
  const ids = events.flatMap(({ redactedBy }) => redactedBy ?? [])
  return ids.length === 0 ? new Map() : server.events.byId(ids)
}

/** By state event, the event that it replaced. */
async function replacedStates(
  server: Homeserver,
  events: readonly StoredEvent[],
): Promise<Map<EventNumber, StoredEvent>> {
  const replaced = new Map<EventNumber, EventNumber>()
  for (const { number, stateKey, rootBefore } of events) {
    if (stateKey === undefined || !rootBefore) continue
    const before = (await server.states.lookup(rootBefore, [stateKey])).get(stateKey)
    if (before !== undefined) replaced.set(number, before)
  }
  if (replaced.size === 0) return new Map()
  const found = await server.events.byNumber(replaced.values())
  return new Map(
    [...replaced].flatMap(([number, before]) => {
      const event = found.get(before)
      return event ? [[number, event] as const] : []
    }),
  )
}

/** Events read from the timeline as the event store holds them, so that what is encoded is encoded once. */
export function adopt(server: Homeserver, events: readonly StoredEvent[]): StoredEvent[] {
  return events.map((event) => {
    const held = server.events.cached(event.number)
    if (held?.place && held.redactedBy === event.redactedBy) return held
    server.events.put(event)
    return event
  })
}
