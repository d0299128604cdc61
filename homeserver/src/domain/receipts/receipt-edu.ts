/** Receipts between servers. Source: server-server-api, "Receipts". */
import { domainOf, isEventId, isUserId } from '@kith/spec/ids'
import { isObject, type JsonObject } from '@kith/spec/json'
import { mainThread, type Receipt, type ReceiptsChange, unthreaded } from '../../storage/receipts.ts'
import type { Homeserver } from '../homeserver.ts'
import { isAhead } from './set-receipt.ts'

/** At most this many receipts of one message are looked at. */
const mostReceipts = 1000

/** With the longest of IDs, as many receipts as stay below the 64 KiB of one message (checklist F10). */
const mostInOneEdu = 75

/** Takes in what another server says of its users; anything else in it is ignored (checklist F4). */
export async function applyReceiptEdu(
  server: Homeserver,
  origin: string,
  content: JsonObject,
): Promise<void> {
  const found = Object.entries(content).flatMap(([roomId, types]) => {
    const users = isObject(types) && isObject(types['m.read']) ? types['m.read'] : {}
    return Object.entries(users).map(([userId, receipt]) => ({ roomId, userId, receipt }))
  })
  await Promise.all(
    found.slice(0, mostReceipts).map(async ({ roomId, userId, receipt }) => {
      if (!isUserId(userId) || domainOf(userId) !== origin || !isObject(receipt)) return
      await applyReceipt(server, { roomId, userId, receipt })
    }),
  )
}

interface RemoteReceipt {
  roomId: string
  userId: string
  receipt: JsonObject
}

async function applyReceipt(server: Homeserver, { roomId, userId, receipt }: RemoteReceipt): Promise<void> {
  const room = await server.interning.rooms.existing(server.database, roomId)
  const user = await server.interning.users.existing(server.database, userId)
  if (room === undefined || user === undefined) return
  const members = await server.rooms.members.of(room)
  if (members.local.size === 0 || members.all.get(user) !== 'join') return
  const { event_ids: ids, data } = receipt
  const eventId = Array.isArray(ids) ? ids.at(-1) : undefined
  if (typeof eventId !== 'string' || !isEventId(eventId) || !isObject(data)) return
  const thread = data.thread_id ?? unthreaded
  if (typeof thread !== 'string' || (thread !== unthreaded && thread !== mainThread && !isEventId(thread)))
    return
  const event = await server.events.one(eventId)
  const place = event?.room === room ? event.place : undefined
  const ts = typeof data.ts === 'number' && Number.isSafeInteger(data.ts) ? data.ts : server.clock.now()
  const read: Receipt = { user, type: 'm.read', thread, eventId, place, ts }
  if (await isAhead(server, room, read)) await server.views.receipts.add(room, read, false)
}

/**
 * What other servers are told of a change: a message per thread, because one holds a single receipt per user, and several
 * where one would be too large.
 */
export async function receiptEdusOf(
  server: Homeserver,
  { room, receipts }: ReceiptsChange,
): Promise<JsonObject[]> {
  const own = receipts.filter(({ type }) => type === 'm.read')
  const roomId = await server.interning.rooms.name(server.database, room)
  const names = await server.interning.users.names(
    server.database,
    own.map(({ user }) => user),
  )
  const threads = Map.groupBy(own, ({ thread }) => thread)
  return [...threads.values()].flatMap((ofThread) => {
    const entries = ofThread.map(({ user, thread, eventId, ts }): [string, JsonObject] => {
      const data: JsonObject = thread === unthreaded ? { ts } : { ts, thread_id: thread }
      return [names.get(user) as string, { data, event_ids: [eventId] }]
    })
    return inPieces(entries).map((piece) => ({ [roomId]: { 'm.read': Object.fromEntries(piece) } }))
  })
}

function inPieces<T>(entries: T[]): T[][] {
  const count = Math.ceil(entries.length / mostInOneEdu)
  return Array.from({ length: count }, (_, n) => entries.slice(n * mostInOneEdu, (n + 1) * mostInOneEdu))
}
