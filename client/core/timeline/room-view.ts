import type { ClientEvent } from '@kith/spec/api/schemas'
import { profileOf } from '../rooms/state.ts'
import type {
  Membership,
  Profile,
  RoomRecord,
  StoredEvent,
  StoredReceipt,
  StoredState,
} from '../store/records.ts'
import type { Store } from '../store/store.ts'
import type { EventItem, TimelineItem } from '../views.ts'
import { gapBelow } from './places.ts'
import { relationOf, replyTarget } from './relations.ts'

/** What is kept in memory of a room that is watched. */
export interface RoomView {
  readonly roomId: string
  members: Map<string, Profile & { membership?: Membership }>
  receipts: Map<string, StoredReceipt>
  /** Ascending by place; all that is stored from the first of them on. */
  entries: StoredEvent[]
  hasOlderStored: boolean
  loadingOlder: 'idle' | 'loading' | 'failed'
  /** By the place a gap is before. */
  gapStates: Map<number, 'loading' | 'failed'>
  /** Messages that are replied to and are not among the entries. */
  replied: Map<string, ClientEvent>
  /** By event ID, as last shown; without those that have to be built anew. */
  built: Map<string, EventItem>
  /** As the watchers have them. */
  items: TimelineItem[]
}

export const windowSize = 60

/** Reads the newest messages and all members that are known. Only inside a turn. */
export async function loadView(store: Store, room: RoomRecord): Promise<RoomView> {
  const { roomId } = room
  const view: RoomView = {
    roomId,
    members: new Map(),
    receipts: new Map((await store.receipts(roomId)).map((receipt) => [receipt.userId, receipt])),
    entries: [],
    hasOlderStored: true,
    loadingOlder: 'idle',
    gapStates: new Map(),
    replied: new Map(),
    built: new Map(),
    items: [],
  }
  setMembers(view, await store.members(roomId))
  await extend(view, store, room)
  return view
}

/** Takes in older stored messages, down to the next gap. @returns how many */
export async function extend(view: RoomView, store: Store, room: RoomRecord): Promise<number> {
  const lowest = view.entries[0]?.place
  const from = gapBelow(room.gaps, lowest ?? room.next)?.before
  const isAtGap = lowest !== undefined && from === lowest
  const older = isAtGap ? [] : await store.events(view.roomId, { before: lowest, from, limit: windowSize })
  view.entries = [...older, ...view.entries]
  view.hasOlderStored = older.length === windowSize
  for (const { event } of older) makeStale(view, event)
  return older.length
}

/** @returns whether anybody changed */
export function setMembers(view: RoomView, state: readonly StoredState[]): boolean {
  const members = state.filter(({ type }) => type === 'm.room.member')
  for (const { stateKey, event } of members) view.members.set(stateKey, profileOf(event))
  return members.length > 0
}

/** Puts new and changed events where they belong, those below the window aside. */
export function putEvents(view: RoomView, events: readonly StoredEvent[]): void {
  const fresh: StoredEvent[] = []
  const changed = new Map<string, StoredEvent>()
  const present = new Map(view.entries.map((entry) => [entry.eventId, entry]))
  for (const stored of events) {
    const old = present.get(stored.eventId)
    if (old) makeStale(view, old.event)
    makeStale(view, stored.event)
    if (old) changed.set(stored.eventId, stored)
    else if (view.entries[0] === undefined || stored.place > view.entries[0].place) fresh.push(stored)
  }
  const kept =
    changed.size === 0 ? view.entries : view.entries.map((entry) => changed.get(entry.eventId) ?? entry)
  view.entries = fresh.length === 0 ? kept : [...kept, ...fresh].sort((a, b) => a.place - b.place)
}

/** Makes the items be built anew that an event is shown in: its own, its target's, and those that reply to it. */
export function makeStale(view: RoomView, event: Pick<ClientEvent, 'event_id' | 'content'>): void {
  const target = relationOf(event.content)?.eventId
  for (const eventId of [event.event_id, target]) {
    if (eventId === undefined) continue
    view.built.delete(eventId)
    for (const [builtId, item] of view.built) if (item.reply?.eventId === eventId) view.built.delete(builtId)
  }
}

/** The message an item replies to, if it is here. */
export function repliedTo(view: RoomView, content: ClientEvent['content']) {
  const eventId = replyTarget(content)
  if (eventId === undefined) return undefined
  const entry = view.entries.findLast((stored) => stored.eventId === eventId)
  return { eventId, event: entry?.event ?? view.replied.get(eventId) }
}
