import { commit, type Model } from '../model.ts'
import { showRooms, showTimeline } from '../show.ts'
import type { OutboxRecord, StoredEvent } from '../store/records.ts'
import { relationOf, transactionIdOf } from '../timeline/relations.ts'
import { makeStale } from '../timeline/room-view.ts'

/** Puts something into the queue. Resolves when it is stored: from then on it is sent, whatever happens. */
export async function enqueue(
  model: Model,
  entry: Pick<OutboxRecord, 'roomId' | 'what'>,
  at: number,
): Promise<OutboxRecord> {
  return model.turn(async () => {
    const orders = [...model.outbox.values()].map(({ order }) => order)
    const record: OutboxRecord = {
      ...entry,
      at,
      txnId: newTransactionId(),
      order: Math.max(0, ...orders) + 1,
      state: 'queued',
    }
    await saveRecord(model, record)
    return record
  })
}

/** Nobody else uses it, on any device and after any reload. */
function newTransactionId(): string {
  return `k${crypto.randomUUID()}`
}

/** Stores and shows a record as it is now. Only inside a turn. */
export async function saveRecord(model: Model, record: OutboxRecord): Promise<void> {
  await commit(model, { outbox: [record] })
  showRecord(model, record)
}

/** Only inside a turn. */
export async function removeRecord(model: Model, record: OutboxRecord): Promise<void> {
  await commit(model, { sent: [record.txnId] })
  showRecord(model, record)
}

/**
 * Shows that a record is on its way. It is stored as queued and tried, so that after a reload it is sent again, with its
 * transaction ID.
 *
 * @returns undefined if it is gone or no longer queued: the record as it is now otherwise
 */
export async function markSending(model: Model, { txnId }: OutboxRecord): Promise<OutboxRecord | undefined> {
  return model.turn(async () => {
    const record = model.outbox.get(txnId)
    if (record?.state !== 'queued') return undefined
    const tried: OutboxRecord = { ...record, wasTried: true, failure: undefined }
    if (!record.wasTried) await commit(model, { outbox: [tried] })
    const sending: OutboxRecord = { ...tried, state: 'sending' }
    model.outbox.set(txnId, sending)
    showRecord(model, sending)
    return sending
  })
}

function showRecord(model: Model, record: OutboxRecord): void {
  const view = model.views.get(record.roomId)
  if (view) {
    makeStaleFor(view, record)
    showTimeline(model, view)
  }
  showRooms(model, [record.roomId])
}

function makeStaleFor(view: NonNullable<ReturnType<Model['views']['get']>>, { what }: OutboxRecord): void {
  if (what.kind === 'event') {
    makeStale(view, { event_id: '', content: what.content })
    return
  }
  const target = view.entries.find(({ eventId }) => eventId === what.eventId)
  if (target) makeStale(view, target.event)
}

/** What came back among some events, whether it was known to have arrived or not. @returns transaction IDs */
export function cameBack(model: Model, roomId: string, events: readonly StoredEvent[]): string[] {
  const eventIds = new Set(events.map(({ eventId }) => eventId))
  const txnIds = new Set(events.map(({ event }) => transactionIdOf(event)))
  return roomOutbox(model, roomId)
    .filter(({ txnId, eventId }) => txnIds.has(txnId) || (eventId !== undefined && eventIds.has(eventId)))
    .map(({ txnId }) => txnId)
}

/** What is queued or on its way in a room, in its order. */
export function roomOutbox(model: Model, roomId: string): OutboxRecord[] {
  return [...model.outbox.values()]
    .filter((record) => record.roomId === roomId)
    .sort((a, b) => a.order - b.order)
}

/** A reaction of mine with this key that the server has not shown back. */
export function pendingReaction(
  model: Model,
  { roomId, eventId, key }: ReactionKey,
): OutboxRecord | undefined {
  return roomOutbox(model, roomId).find(({ what }) => {
    const relation = what.kind === 'event' ? relationOf(what.content) : undefined
    return relation?.type === 'm.annotation' && relation.eventId === eventId && relation.key === key
  })
}

export interface ReactionKey {
  roomId: string
  eventId: string
  key: string
}

/** Whether nobody would miss the record if it could not be sent: what it is about just stays as it was. */
export function isDispensable({ what }: OutboxRecord): boolean {
  return what.kind === 'redaction' || what.type === 'm.reaction'
}
