/** Receipts and read markers of local users. Source: client-server-api, "Receipts", "Fully read markers". */
import { forbidden, invalidParam } from '@kith/spec/errors'
import { isEventId } from '@kith/spec/ids'
import {
  mainThread,
  type Receipt,
  type ReceiptType,
  receiptsOfUser,
  unthreaded,
} from '../../storage/receipts.ts'
import type { Place, StoredEvent } from '../../storage/stored-event.ts'
import { storeAccountData } from '../account-data/account-data.ts'
import type { Reader } from '../events/client-event.ts'
import { relationOf } from '../events/relation.ts'
import type { Homeserver } from '../homeserver.ts'
import { requireReadable, requireVisible, type Standpoint } from '../rooms/visibility.ts'

const fullyReadType = 'm.fully_read'

export interface ReceiptRequest {
  roomId: string
  type: ReceiptType | typeof fullyReadType
  eventId: string
  threadId?: string
}

/**
 * Marks an event as read, durable once this resolves. A receipt never moves back.
 *
 * @throws MatrixError M_FORBIDDEN, M_NOT_FOUND, M_INVALID_PARAM
 */
export async function setReceipt(server: Homeserver, reader: Reader, request: ReceiptRequest): Promise<void> {
  const { type, eventId, threadId } = request
  const from = await requireMember(server, reader, request.roomId)
  const { event } = await requireVisible(server, reader, { eventId, from })
  if (type === fullyReadType) {
    if (threadId !== undefined) throw invalidParam('a fully read marker is for the whole room')
    const content = { event_id: eventId }
    return storeAccountData(server, reader.user, { room: from.room, type: fullyReadType, content })
  }
  const thread = await checkedThread(server, event, threadId)
  const receipt = { user: reader.user, type, thread, eventId, place: event.place, ts: server.clock.now() }
  if (!(await isAhead(server, from.room, receipt))) return
  if (type === 'm.read') await server.views.receipts.add(from.room, receipt, true)
  else await server.views.receipts.addPrivate(from.room, receipt)
}

async function requireMember(server: Homeserver, reader: Reader, roomId: string): Promise<Standpoint> {
  const from = await requireReadable(server, reader, roomId)
  if (from.member?.membership !== 'join') throw forbidden('you are not in this room')
  return from
}

/** Whether a receipt is further than the one it would replace. */
export async function isAhead(server: Homeserver, room: number, receipt: Receipt): Promise<boolean> {
  const held = (await receiptsOfUser(server.database, receipt.user, [room])).find(
    ({ type, thread }) => type === receipt.type && thread === receipt.thread,
  )
  if (!held?.place || !receipt.place) return held?.eventId !== receipt.eventId
  return isAfter(receipt.place, held.place)
}

const isAfter = (a: Place, b: Place) =>
  a.position > b.position || (a.position === b.position && a.slot > b.slot)

/** How far relations are followed from an event to its thread. Source: "Threaded read receipts". */
const mostHops = 3

/** @throws MatrixError M_INVALID_PARAM for a thread that the event is not in */
async function checkedThread(
  server: Homeserver,
  event: StoredEvent,
  threadId: string | undefined,
): Promise<string> {
  if (threadId === undefined) return unthreaded
  if (threadId !== mainThread && !isEventId(threadId))
    throw invalidParam('thread_id must be "main" or an event id')
  const root = await threadOfEvent(server, event)
  const isIn = threadId === mainThread ? root === undefined : root === threadId
  if (!isIn) throw invalidParam('the event is not in that thread')
  return threadId
}

async function threadOfEvent(server: Homeserver, event: StoredEvent): Promise<string | undefined> {
  let current: StoredEvent | undefined = event
  for (let hop = 0; current && hop <= mostHops; hop++) {
    const relation = relationOf(current.pdu)
    if (current.room !== event.room || !relation) return undefined
    if (relation.relType === 'm.thread') return relation.parent
    current = await server.events.one(relation.parent)
  }
  return undefined
}
