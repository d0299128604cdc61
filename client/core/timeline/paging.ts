import type { ClientEvent } from '@kith/spec/api/schemas'
import { call } from '../http.ts'
import { commit, knownRoom, type Model, signedIn } from '../model.ts'
import { cameBack } from '../outbox/outbox.ts'
import { stateRows } from '../rooms/change.ts'
import { echoed } from '../rooms/reduce-timeline.ts'
import { showRooms, showTimeline } from '../show.ts'
import type { Gap, RoomRecord, StoredEvent } from '../store/records.ts'
import { reduction } from '../sync/apply-sync.ts'
import { gapKey } from './items.ts'
import { gapBelow, placePage } from './places.ts'
import { extend, putEvents, type RoomView, setMembers } from './room-view.ts'

const pageSize = 50
/** So many pages without anything to show are fetched at once. */
const mostPages = 6
const leastShown = 15

interface MessagesAnswer {
  chunk: ClientEvent[]
  end?: string
  state?: ClientEvent[]
}

/** Takes in older messages: from the store, and where that has a gap, from the server. */
export async function loadOlder(model: Model, view: RoomView): Promise<void> {
  if (view.loadingOlder === 'loading') return
  view.loadingOlder = 'loading'
  showTimeline(model, view)
  try {
    const shown = view.items.length
    for (let pages = 0; pages < mostPages && view.items.length < shown + leastShown; pages++) {
      if (!(await takeOlder(model, view))) break
      showTimeline(model, view)
    }
    view.loadingOlder = 'idle'
  } catch (error) {
    view.loadingOlder = 'failed'
    throw error
  } finally {
    showTimeline(model, view)
  }
}

/** @returns whether there may be more */
async function takeOlder(model: Model, view: RoomView): Promise<boolean> {
  const fromStore = () => model.turn(async () => extend(view, model.store, knownRoom(model, view.roomId)))
  if ((await fromStore()) > 0) return true
  const room = knownRoom(model, view.roomId)
  const lowest = view.entries[0]?.place
  const gap = gapBelow(room.gaps, lowest ?? Number.POSITIVE_INFINITY)
  if (!gap) return false
  const hasMore = await fillGap(model, view.roomId, gap)
  return (await fromStore()) > 0 || hasMore
}

/** Fetches what is missing between messages that are shown, until the gap is closed or some pages have come. */
export async function loadGap(model: Model, view: RoomView, key: string): Promise<void> {
  let gap = knownRoom(model, view.roomId).gaps.find(({ before }) => gapKey(before) === key)
  for (let pages = 0; gap && pages < mostPages; pages++) {
    if (view.gapStates.get(gap.before) === 'loading') return
    gap = await loadGapPage(model, view, gap)
  }
}

/** @returns what is left of the gap */
async function loadGapPage(model: Model, view: RoomView, gap: Gap): Promise<Gap | undefined> {
  view.gapStates.set(gap.before, 'loading')
  showTimeline(model, view)
  try {
    await fillGap(model, view.roomId, gap)
    view.gapStates.delete(gap.before)
    // The page may have gone on below the first message that is shown.
    view.hasOlderStored = true
  } catch (error) {
    view.gapStates.set(gap.before, 'failed')
    throw error
  } finally {
    showTimeline(model, view)
  }
  const lowest = view.entries[0]?.place ?? Number.POSITIVE_INFINITY
  return knownRoom(model, view.roomId).gaps.find(({ before }) => before <= gap.before && before > lowest)
}

/** Stores one page of what is missing. @returns whether the room has more before it */
async function fillGap(model: Model, roomId: string, gap: Gap): Promise<boolean> {
  const filter = JSON.stringify({ lazy_load_members: true })
  const answer = await call<MessagesAnswer>(signedIn(model), 'getMessages', {
    params: { roomId },
    query: { dir: 'b', from: gap.token, limit: pageSize, filter },
  })
  await model.turn(() => storePage(model, { roomId, gap, answer }))
  return answer.end !== undefined
}

async function storePage(
  model: Model,
  { roomId, gap, answer }: { roomId: string; gap: Gap; answer: MessagesAnswer },
): Promise<void> {
  const room = knownRoom(model, roomId)
  // Another call has filled it meanwhile.
  if (!room.gaps.some(({ before, token }) => before === gap.before && token === gap.token)) return
  const events = await placed(model, room, { gap, answer })
  const state = await unknownMembers(model, roomId, answer.state ?? [])
  const sent = cameBack(model, roomId, events.stored)
  await commit(model, {
    rooms: [{ ...room, gaps: events.gaps }],
    events: events.stored,
    state,
    ...(sent.length > 0 && { sent }),
  })
  const view = model.views.get(roomId)
  if (view) {
    putEvents(view, events.stored)
    if (setMembers(view, state)) view.built.clear()
  }
  showRooms(model, [roomId])
}

async function placed(
  model: Model,
  room: RoomRecord,
  { gap, answer }: { gap: Gap; answer: MessagesAnswer },
): Promise<{ stored: StoredEvent[]; gaps: Gap[] }> {
  const { roomId } = room
  const context = reduction(model, 0)
  const page = answer.chunk.map((event) => echoed(context, event))
  const known = await model.store.findEvents(
    roomId,
    page.map(({ event_id }) => event_id),
  )
  const below = await model.store.events(roomId, { before: gap.before, limit: page.length + 1 })
  const { gaps, places } = placePage(room.gaps, {
    gap,
    events: page,
    end: answer.end,
    known: new Map(known.map(({ eventId, place }) => [eventId, place])),
    below: below.map(({ place }) => place).reverse(),
  })
  const stored = page.flatMap((event) => {
    const place = places.get(event.event_id)
    return place === undefined ? [] : [{ roomId, eventId: event.event_id, place, event }]
  })
  return { stored: [...new Map(stored.map((event) => [event.eventId, event])).values()], gaps }
}

/** Members as of a page, of whom nothing newer is known. */
async function unknownMembers(model: Model, roomId: string, state: readonly ClientEvent[]) {
  const rows = stateRows(roomId, state).filter(({ type }) => type === 'm.room.member')
  const found = await Promise.all(
    rows.map(({ type, stateKey }) => model.store.stateEvent(roomId, type, stateKey)),
  )
  return rows.filter((_, index) => found[index] === undefined)
}
