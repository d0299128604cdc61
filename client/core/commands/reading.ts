import type { ClientEvent } from '@kith/spec/api/schemas'
import type { Commands } from '../api.ts'
import type { Engine } from '../engine.ts'
import { CommandError, isPassing, withKey } from '../errors.ts'
import { call } from '../http.ts'
import { commit, knownRoom, type Model, signedIn } from '../model.ts'
import { isBefore, markOf } from '../rooms/reduce-receipts.ts'
import { showRooms, showTimeline } from '../show.ts'
import type { Mark, RoomRecord } from '../store/records.ts'
import { loadGap, loadOlder } from '../timeline/paging.ts'
import { isMessage } from '../timeline/relations.ts'
import type { RoomView } from '../timeline/room-view.ts'

type ReadingCommands = Pick<Commands, 'loadOlder' | 'loadGap' | 'loadReply' | 'markRead' | 'setTyping'>

const typingLastsMs = 20_000
const typingAgainMs = 10_000

export function readingCommands(engine: Engine): ReadingCommands {
  const { model } = engine
  /** By room: when typing was last told, in milliseconds since 1970. */
  const typing = new Map<string, number>()
  /** The last notice under way: the next may find a faster way, and must not come before it. */
  let telling = Promise.resolve()
  return {
    loadOlder: (roomId) => loadOlder(model, watched(model, roomId)),
    loadGap: (roomId, key) => loadGap(model, watched(model, roomId), key),
    loadReply: (roomId, eventId) => loadReply(model, watched(model, roomId), eventId),
    async markRead(roomId, eventId, { isPrivate = false } = {}) {
      if (await setReading(model, { roomId, eventId, isPrivate })) await sendReading(engine, roomId)
    },
    async setTyping(roomId, isTyping) {
      const told = typing.get(roomId) ?? 0
      if (isTyping ? Date.now() - told < typingAgainMs : Date.now() - told > typingLastsMs) return
      if (isTyping) typing.set(roomId, Date.now())
      else typing.delete(roomId)
      // Nobody misses a notice that came to nothing.
      telling = telling
        .then(() => sendTyping(engine, roomId, isTyping))
        .catch((error: unknown) => {
          if (!(error instanceof CommandError)) throw error
        })
      await telling
    },
  }
}

function watched(model: Model, roomId: string): RoomView {
  const view = model.views.get(roomId)
  if (!view) throw new CommandError('no-such-room', 'This room is not watched')
  return view
}

async function loadReply(model: Model, view: RoomView, eventId: string): Promise<void> {
  const { roomId } = view
  const [stored] = await model.store.findEvents(roomId, [eventId])
  const event = stored?.event ?? (await fetchEvent(model, roomId, eventId))
  view.replied.set(eventId, event)
  for (const [builtId, item] of view.built) if (item.reply?.eventId === eventId) view.built.delete(builtId)
  showTimeline(model, view)
}

async function fetchEvent(model: Model, roomId: string, eventId: string): Promise<ClientEvent> {
  return call<ClientEvent>(signedIn(model), 'getRoomEvent', { params: { roomId, eventId } }).catch(
    (error: unknown) => Promise.reject(withKey(error, { M_FORBIDDEN: 'not-found' })),
  )
}

/** Shows the room as read, and keeps what to tell the server. @returns whether there is something to tell */
async function setReading(
  model: Model,
  { roomId, eventId, isPrivate }: { roomId: string; eventId: string; isPrivate: boolean },
): Promise<boolean> {
  return model.turn(async () => {
    const room = knownRoom(model, roomId)
    const [stored] = await model.store.findEvents(roomId, [eventId])
    if (!stored || room.membership !== 'join') return false
    const mark = markOf(stored)
    if (room.read && !isBefore(room.read, mark) && room.messages + room.mentions === 0) return false
    const later = laterMessages(model, roomId, mark)
    const read: RoomRecord = {
      ...room,
      reading: { eventId, isPrivate },
      read: room.read && !isBefore(room.read, mark) ? room.read : mark,
      messages: Math.min(room.messages, later),
      mentions: later === 0 ? 0 : room.mentions,
    }
    await commit(model, { rooms: [read] })
    showRooms(model, [roomId])
    return true
  })
}

function laterMessages(model: Model, roomId: string, mark: Mark): number {
  const entries = model.views.get(roomId)?.entries ?? []
  return entries.filter(
    ({ place, event }) => place > (mark.place ?? 0) && event.sender !== model.entries.me && isMessage(event),
  ).length
}

async function sendReading(engine: Engine, roomId: string): Promise<void> {
  const reading = engine.model.rooms.get(roomId)?.reading
  if (!reading) return
  try {
    await sendReceipt(engine, roomId, reading)
  } catch (error) {
    // It is sent again when the connection is back.
    if (isPassing(error) || !(error instanceof CommandError)) return
  }
  await engine.model.turn(async () => {
    const room = engine.model.rooms.get(roomId)
    if (room?.reading !== reading) return
    await commit(engine.model, { rooms: [{ ...room, reading: undefined }] })
  })
}

/** Sends the receipts that found no connection. */
export async function sendReadings(engine: Engine): Promise<void> {
  const waiting = [...engine.model.rooms.values()].filter(({ reading }) => reading !== undefined)
  for (const { roomId } of waiting) await sendReading(engine, roomId)
}

async function sendReceipt(
  { model, running }: Engine,
  roomId: string,
  { eventId, isPrivate }: NonNullable<RoomRecord['reading']>,
): Promise<void> {
  const receiptType = isPrivate ? 'm.read.private' : 'm.read'
  const request = {
    method: 'receipt',
    room_id: roomId,
    receipt_type: receiptType,
    event_id: eventId,
  } as const
  const signal = running?.abort.signal
  await (running?.request(request) ??
    call(signedIn(model), 'postReceipt', { params: { roomId, receiptType, eventId }, body: {}, signal }))
}

async function sendTyping({ model, running }: Engine, roomId: string, typing: boolean): Promise<void> {
  const body = { typing, ...(typing && { timeout: typingLastsMs }) }
  const { userId } = signedIn(model)
  const signal = running?.abort.signal
  await (running?.request({ method: 'typing', room_id: roomId, ...body }) ??
    call(signedIn(model), 'setTyping', { params: { roomId, userId }, body, signal }))
}
