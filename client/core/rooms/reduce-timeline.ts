import type { ClientEvent } from '@kith/spec/api/schemas'
import type { SyncJoinedRoom } from '@kith/spec/api/sync'
import type { RoomRecord, StoredEvent } from '../store/records.ts'
import { placeLive, storedEvents } from '../timeline/places.ts'
import { isRedacted, redacted, redactionTarget, transactionIdOf } from '../timeline/relations.ts'
import type { Reduction } from './change.ts'

export interface TimelineChange {
  /** Those that were not stored before, oldest first, as they came. */
  fresh: StoredEvent[]
  /** Stored ones that a redaction changes. */
  changed: StoredEvent[]
  next: number
  gaps: RoomRecord['gaps']
}

/** Gives the events of a sync their places, and applies their redactions. */
export async function reduceTimeline(
  context: Reduction,
  before: RoomRecord | undefined,
  { roomId, timeline }: { roomId: string; timeline: SyncJoinedRoom['timeline'] },
): Promise<TimelineChange> {
  const incoming = (timeline?.events ?? []).map((event) => echoed(context, event))
  const hasStored = before !== undefined && (before.next > 0 || before.gaps.length > 0)
  const known = new Map<string, StoredEvent>()
  if (hasStored) {
    const found = await context.store.findEvents(
      roomId,
      incoming.map(({ event_id }) => event_id),
    )
    for (const stored of found) known.set(stored.eventId, stored)
  }
  const events = distinct(incoming.filter(({ event_id }) => !known.has(event_id)))
  // A chunk that begins with what is stored goes on from there, whatever the server says.
  const isLimited = timeline?.limited === true && !known.has(incoming[0]?.event_id ?? '')
  const prevBatch = timeline?.prev_batch
  const placed = placeLive(hasStored ? before : undefined, { events, isLimited, prevBatch })
  const fresh = storedEvents(roomId, events, placed.places)
  const changed = await redactions(context, roomId, fresh)
  const redactedById = new Map(changed.map((stored) => [stored.eventId, stored]))
  return {
    fresh: fresh.map((stored) => redactedById.get(stored.eventId) ?? stored),
    changed: changed.filter(({ eventId }) => !fresh.some((stored) => stored.eventId === eventId)),
    next: placed.next,
    gaps: placed.gaps,
  }
}

/** Marks what this device sent with its transaction ID, which some servers leave out: it is the key of the item. */
export function echoed(context: Pick<Reduction, 'txnIdOf'>, event: ClientEvent): ClientEvent {
  const txnId = context.txnIdOf(event.event_id)
  if (txnId === undefined || transactionIdOf(event) !== undefined) return event
  return { ...event, unsigned: { ...event.unsigned, transaction_id: txnId } }
}

function distinct(events: readonly ClientEvent[]): ClientEvent[] {
  return [...new Map(events.map((event) => [event.event_id, event])).values()]
}

async function redactions(
  { store }: Reduction,
  roomId: string,
  fresh: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  const becauses = new Map<string, ClientEvent>()
  for (const { event } of fresh) {
    const target = redactionTarget(event)
    if (target !== undefined && !isRedacted(event)) becauses.set(target, event)
  }
  if (becauses.size === 0) return []
  const stored = await store.findEvents(roomId, [...becauses.keys()])
  return [...stored, ...fresh].flatMap((target) => {
    const because = becauses.get(target.eventId)
    return because && !isRedacted(target.event) ? [{ ...target, event: redacted(target.event, because) }] : []
  })
}
