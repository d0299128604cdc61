/** Events of local users. */

import { canonicalJson } from '@kith/spec/canonical-json'
import { forbidden, MatrixError } from '@kith/spec/errors'
import type { JsonObject } from '@kith/spec/json'
import { Duplicate } from '../../log/log.ts'
import type { RoomNumber, UserNumber } from '../../storage/interning.ts'
import { relationHolders } from '../../storage/relation-holders.ts'
import { transactionResult } from '../../storage/transaction-keys.ts'
import { relationOf } from '../events/relation.ts'
import type { Homeserver } from '../homeserver.ts'
import { prepareAll } from './changes.ts'
import type { Head } from './head.ts'
import type { EventDraft } from './prepare.ts'
import { stateEvent } from './state-reader.ts'

export interface LocalSender {
  userId: string
  user: UserNumber
  deviceId?: string
}

export interface LocalEvent {
  roomId: string
  type: string
  stateKey?: string
  content: JsonObject
  /** Unique per device and operation: a repeated one is answered with the first one's event id. */
  transactionId?: string
  /** Only for application services. */
  timestampMs?: number
  /** Target of an `m.room.redaction`. */
  redacts?: string
}

/**
 * Sends an event, durable once this resolves, and answers its id.
 *
 * @throws MatrixError M_FORBIDDEN, M_TOO_LARGE, M_BAD_JSON, M_DUPLICATE_ANNOTATION
 */
export async function sendEvent(server: Homeserver, sender: LocalSender, event: LocalEvent): Promise<string> {
  const key = transactionKey(sender, event)
  const first = key === undefined ? undefined : server.sending.get(key)
  if (first) return first
  const sent = send(server, { sender, event, key })
  if (key === undefined) return sent
  server.sending.set(key, sent)
  return sent.finally(() => server.sending.delete(key))
}

interface Sending {
  sender: LocalSender
  event: LocalEvent
  key: string | undefined
}

async function send(server: Homeserver, { sender, event, key }: Sending): Promise<string> {
  try {
    return await write(server, { sender, event, key })
  } catch (error) {
    if (error instanceof Duplicate) return error.result
    // What was sent before may be against the rules by now: the answer to its retry stays the same.
    const passed =
      key !== undefined && error instanceof MatrixError
        ? await transactionResult(server.database, key)
        : undefined
    if (passed !== undefined) return passed
    throw error
  }
}

async function write(server: Homeserver, { sender, event, key }: Sending): Promise<string> {
  const room = await roomNumber(server, event.roomId)
  return server.rooms.write(room, async (head) => {
    if (!head) throw forbidden('this server is not in the room')
    const same = await sameState(server, head, { sender, event })
    if (same !== undefined) return { result: same }
    await refuseSecondAnnotation(server, { sender, event, room })
    const unit = await prepareAll(server, head, [draftOf(head, sender, event)])
    const eventId = (unit.events[0] as { eventId: string }).eventId
    const transactionKeys = key === undefined ? [] : [{ key, result: eventId }]
    return { ...unit, transactionKeys, result: eventId }
  })
}

/** A known room's number. @throws M_FORBIDDEN for one this server has never heard of: nobody here is in it */
export async function roomNumber(server: Homeserver, roomId: string): Promise<RoomNumber> {
  const number = await server.interning.rooms.existing(server.database, roomId)
  if (number === undefined) throw forbidden('this server is not in the room')
  return number
}

function transactionKey(
  sender: LocalSender,
  { roomId, type, transactionId }: LocalEvent,
): string | undefined {
  if (transactionId === undefined) return undefined
  return JSON.stringify(['send', sender.user, sender.deviceId ?? '', roomId, type, transactionId])
}

function draftOf(head: Head, sender: LocalSender, event: LocalEvent): EventDraft {
  const { type, stateKey, timestampMs, transactionId } = event
  const draft = {
    type,
    stateKey,
    timestampMs,
    transactionId,
    sender: sender.userId,
    deviceId: sender.deviceId,
  }
  if (type !== 'm.room.redaction' || event.redacts === undefined) return { ...draft, content: event.content }
  return head.rules.redactsInContent
    ? { ...draft, content: { ...event.content, redacts: event.redacts } }
    : { ...draft, content: event.content, redacts: event.redacts }
}

/** The id of the current state event that says just this already: sending it again changes nothing. */
async function sameState(
  server: Homeserver,
  head: Head,
  { sender, event }: Pick<Sending, 'sender' | 'event'>,
): Promise<string | undefined> {
  if (event.stateKey === undefined) return undefined
  const current = await stateEvent(server, head.root, [event.type, event.stateKey])
  if (current?.pdu.sender !== sender.userId) return undefined
  return canonicalJson(current.pdu.content) === canonicalJson(event.content) ? current.eventId : undefined
}

/** Checklist V7: one person annotates an event with the same key once. */
async function refuseSecondAnnotation(
  server: Homeserver,
  { sender, event, room }: { sender: LocalSender; event: LocalEvent; room: RoomNumber },
): Promise<void> {
  if (!('m.relates_to' in event.content)) return
  const relation = relationOf({ content: event.content })
  if (relation?.relType !== 'm.annotation' || relation.key === undefined || event.stateKey !== undefined)
    return
  const holders = await relationHolders(server.database, {
    room,
    parent: relation.parent,
    key: relation.key,
    eventType: event.type,
  })
  if (holders.includes(sender.user)) {
    throw new MatrixError('M_DUPLICATE_ANNOTATION', 'you have annotated this event so already')
  }
}
