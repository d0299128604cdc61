/** Receipts and typing, as events of a sync. */
import type { JsonObject } from '@kith/spec/json'
import type { RoomNumber } from '../../storage/interning.ts'
import { kinds } from '../../storage/kinds.ts'
import { type Receipt, type ReceiptsChange, receiptsBetween, unthreaded } from '../../storage/receipts.ts'
import type { RoomChange } from './changes.ts'
import type { SyncContext } from './sync-context.ts'

/** @param change undefined where the client has nothing of the room yet */
export async function ephemeralEvents(
  context: SyncContext,
  { room, change }: { room: RoomNumber; change: RoomChange | undefined },
): Promise<JsonObject[]> {
  const { ephemeral } = context.request.filter
  const events: JsonObject[] = []
  if (ephemeral.passesType('m.receipt')) {
    const content = await receiptContent(context, await receiptsOf(context, room, change))
    if (content) events.push({ type: 'm.receipt', content })
  }
  if (ephemeral.passesType('m.typing')) events.push(...typingEvent(context, room, change === undefined))
  return events
}

async function receiptsOf(
  { server, reader, since, until }: SyncContext,
  room: RoomNumber,
  change: RoomChange | undefined,
): Promise<Receipt[]> {
  const rows = change?.rows?.filter(({ kind }) => kind === kinds.receipts)
  if (rows?.every(({ payload }) => payload !== undefined)) {
    return rows
      .flatMap(({ payload }) => (payload as ReceiptsChange).receipts)
      .filter(({ type, user }) => type === 'm.read' || user === reader.user)
  }
  const after = change ? (since ?? 0) : 0
  return receiptsBetween(server.database, { rooms: [room], after, until, reader: reader.user })
}

/** `content` of `m.receipt`: event, type, user; of several receipts under one name the last counts. */
async function receiptContent(
  { server, ignored }: SyncContext,
  receipts: readonly Receipt[],
): Promise<JsonObject | undefined> {
  if (receipts.length === 0) return undefined
  const names = await server.interning.users.names(
    server.database,
    receipts.map(({ user }) => user),
  )
  const content: Record<string, Record<string, Record<string, JsonObject>>> = {}
  for (const { user, type, thread, eventId, ts } of receipts) {
    const userId = names.get(user) as string
    if (ignored.has(userId)) continue
    content[eventId] ??= {}
    content[eventId][type] ??= {}
    content[eventId][type][userId] = thread === unthreaded ? { ts } : { ts, thread_id: thread }
  }
  return Object.keys(content).length > 0 ? content : undefined
}

function typingEvent(
  { server, ephemeralSince, ignored }: SyncContext,
  room: RoomNumber,
  isFresh: boolean,
): JsonObject[] {
  const { typing } = server.views
  const users = typing.usersIn(room).filter((userId) => !ignored.has(userId))
  const isNews = isFresh ? users.length > 0 : typing.hasChanged(room, ephemeralSince)
  return isNews ? [{ type: 'm.typing', content: { user_ids: users } }] : []
}
