import type { BareEvent } from '@kith/spec/api/schemas'
import { isObject, type JsonObject } from '@kith/spec/json'
import type { Mark, RoomRecord, StoredEvent, StoredReceipt } from '../store/records.ts'
import type { Reduction } from './change.ts'

interface Receipt extends StoredReceipt {
  isPrivate: boolean
}

/** The receipts of a room. Those of threads are left out: a thread's messages are shown in the room. */
export function receiptsOf(roomId: string, ephemeral: readonly BareEvent[]): Receipt[] {
  return ephemeral
    .filter(({ type }) => type === 'm.receipt')
    .flatMap(({ content }) =>
      Object.entries(content).flatMap(([eventId, kinds]) =>
        isObject(kinds) ? receiptsFor({ roomId, eventId, kinds }) : [],
      ),
    )
}

function receiptsFor({
  roomId,
  eventId,
  kinds,
}: {
  roomId: string
  eventId: string
  kinds: JsonObject
}): Receipt[] {
  return ['m.read', 'm.read.private'].flatMap((kind) => {
    const users = kinds[kind]
    if (!isObject(users)) return []
    return Object.entries(users).flatMap(([userId, data]) => {
      const { ts, thread_id: thread } = isObject(data) ? data : {}
      if (thread !== undefined && thread !== 'main') return []
      const at = typeof ts === 'number' ? ts : 0
      return [{ roomId, userId, eventId, at, isPrivate: kind !== 'm.read' }]
    })
  })
}

/** What others have read, to store. Within one sync the last one of a person counts. */
export function othersReceipts(receipts: readonly Receipt[], me: string): StoredReceipt[] {
  const byUser = new Map<string, StoredReceipt>()
  for (const { roomId, userId, eventId, at, isPrivate } of receipts) {
    if (userId !== me && !isPrivate) byUser.set(userId, { roomId, userId, eventId, at })
  }
  return [...byUser.values()]
}

/** How far I have read: by my receipts of both kinds, and by what I wrote. */
export async function readMark(
  context: Reduction,
  before: RoomRecord | undefined,
  { receipts, fresh }: { receipts: readonly Receipt[]; fresh: readonly StoredEvent[] },
): Promise<Mark | undefined> {
  const mine = receipts.filter(({ userId }) => userId === context.me)
  const marks: Mark[] = fresh.filter(({ event }) => event.sender === context.me).map(markOf)
  for (const { roomId, eventId, at } of mine) {
    const placed =
      fresh.find((stored) => stored.eventId === eventId) ??
      (await context.store.findEvents(roomId, [eventId]))[0]
    marks.push(placed ? markOf(placed) : { eventId, at })
  }
  return marks.reduce<Mark | undefined>((furthest, mark) => further(furthest, mark), before?.read)
}

export function markOf({ eventId, place, event }: StoredEvent): Mark {
  return { eventId, place, at: event.origin_server_ts }
}

function further(one: Mark | undefined, other: Mark): Mark {
  return one === undefined || isBefore(one, other) ? other : one
}

/** By place; where one has none, by time. */
export function isBefore(one: Mark, other: Mark): boolean {
  if (one.place !== undefined && other.place !== undefined) return one.place < other.place
  return one.at < other.at
}
