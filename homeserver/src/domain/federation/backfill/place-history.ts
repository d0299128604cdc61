/** Judged old events get their places behind a gap, redacted where they have been redacted already. */
import type { Pdu } from '@kith/spec/events/pdu'
import { prevEventIds } from '@kith/spec/events/references'
import { parseStoredEvent } from '@kith/spec/strict-json'
import type { Change } from '../../../log/log.ts'
import type { RedactionChange } from '../../../storage/event-inserts.ts'
import type { Gap } from '../../../storage/events.ts'
import { type HistoryEvent, insertHistory, lockedMissing } from '../../../storage/history.ts'
import type { RoomNumber } from '../../../storage/interning.ts'
import type { StoredEvent } from '../../../storage/stored-event.ts'
import { relationOf } from '../../events/relation.ts'
import type { Homeserver } from '../../homeserver.ts'
import { pduBytes } from '../../rooms/pdu-bytes.ts'
import { redactionsOf } from '../../rooms/redactions.ts'
import type { Source } from '../ingest/source.ts'
import type { JudgedHistory } from './judge-history.ts'

/** @returns whether the gap changed: it was filled, or is now elsewhere */
export async function placeHistory(
  server: Homeserver,
  source: Source,
  { gap, judged, aside }: { gap: Gap; judged: JudgedHistory; aside: readonly StoredEvent[] },
): Promise<boolean> {
  const { events, changes } = await redacted(server, source, judged.accepted)
  const here = [...judged.accepted, ...judged.rejected, ...aside]
  const history = {
    room: source.room,
    place: gap.place,
    events: events.toReversed(),
    found: here.map(({ eventId }) => eventId),
    missing: await missingBefore(server, source.room, here),
  }
  const places = await server.database.transaction(async (tx) => {
    const open = await lockedMissing(tx, source.room, gap.place.position)
    if (!open.some((id) => gap.missing.includes(id))) return undefined
    return insertHistory(tx, history)
  })
  if (!places) {
    // Another process was faster.
    for (const { event } of events) server.events.drop(event)
    return true
  }
  for (const [index, { event }] of history.events.entries()) {
    server.events.put({ ...event, place: places[index] })
  }
  if (changes.length > 0) await server.log.commit({ transactionKeys: [], changes })
  return here.length > 0
}

/**
 * Applies the redactions among the events, and those that came before them.
 *
 * @returns the events as they are stored, and what the log is told of others that they redact
 */
async function redacted(
  server: Homeserver,
  source: Source,
  accepted: readonly StoredEvent[],
): Promise<{ events: HistoryEvent[]; changes: Change[] }> {
  const entries = new Map<number, HistoryEvent>()
  const changes: Change[] = []
  for (const event of accepted) {
    entries.set(event.number, { event, pdu: pduBytes(event.pdu), relation: relationOf(event.pdu) })
    for (const change of await redactionsOf(server, source, event)) {
      const { target, redactedBy, pdu } = change.payload as RedactionChange
      if (!entries.has(target.number)) changes.push(change)
      else {
        const bare = {
          ...target,
          pdu: parseStoredEvent(pdu.toString()) as Pdu,
          redactedBy,
          bytes: pdu.length,
        }
        entries.set(target.number, { event: bare, pdu })
        server.events.put(bare)
      }
    }
  }
  return { events: [...entries.values()], changes }
}

async function missingBefore(
  server: Homeserver,
  room: RoomNumber,
  events: readonly StoredEvent[],
): Promise<{ eventId: string; wantedBy: number }[]> {
  const missing: { eventId: string; wantedBy: number }[] = []
  for (const { number, pdu } of events) {
    const known = await server.events.byId(prevEventIds(pdu))
    for (const eventId of new Set(prevEventIds(pdu))) {
      const one = known.get(eventId)
      const isKnown = one?.room === room && one.rootAfter !== undefined
      if (!isKnown) missing.push({ eventId, wantedBy: number })
    }
  }
  return missing
}
