import type { JsonObject } from '@kith/spec/json'
import { userIdOf, type Who } from './participant.ts'

/** An event as the client API shows it. */
export interface ClientEvent {
  event_id: string
  type: string
  sender: string
  state_key?: string
  content: JsonObject
  origin_server_ts: number
  redacts?: string
  unsigned?: JsonObject
}

/** What `/sync` has told somebody about a room up to now. */
export interface RoomView {
  section: 'join' | 'invite' | 'knock' | 'leave'
  /** In the order of arrival, gaps filled in. */
  timeline: ClientEvent[]
  /** By `stateKeyOf`; stripped state while invited or knocking. */
  state: Map<string, ClientEvent>
  /** The last event each user has read, by public or own private receipt. */
  receipts: Map<string, string>
  typing: string[]
  unread: { notifications: number; highlights: number }
}

export type Sight = (room: RoomView) => boolean

export interface SyncResponse {
  next_batch: string
  rooms?: {
    join?: Record<string, SyncedRoom>
    leave?: Record<string, SyncedRoom>
    invite?: Record<string, { invite_state?: { events?: ClientEvent[] } }>
    knock?: Record<string, { knock_state?: { events?: ClientEvent[] } }>
  }
}

export interface SyncedRoom {
  state?: { events?: ClientEvent[] }
  timeline?: { events?: ClientEvent[]; limited?: boolean; prev_batch?: string }
  ephemeral?: { events?: { type: string; content: JsonObject }[] }
  unread_notifications?: { notification_count?: number; highlight_count?: number }
}

export const stateKeyOf = (type: string, stateKey: string) => `${type}\0${stateKey}`

export function emptyView(section: RoomView['section']): RoomView {
  const unread = { notifications: 0, highlights: 0 }
  return { section, timeline: [], state: new Map(), receipts: new Map(), typing: [], unread }
}

/** Takes in what a sync response says of a room joined or left; `missed` are the events of its gap, oldest first. */
export function applyRoom(view: RoomView, room: SyncedRoom, missed: readonly ClientEvent[]): void {
  const news = room.timeline?.events ?? []
  for (const event of [...(room.state?.events ?? []), ...news]) {
    if (event.state_key !== undefined) view.state.set(stateKeyOf(event.type, event.state_key), event)
  }
  view.timeline.push(...missed, ...news)
  for (const event of room.ephemeral?.events ?? []) applyEphemeral(view, event)
  view.unread = {
    notifications: room.unread_notifications?.notification_count ?? view.unread.notifications,
    highlights: room.unread_notifications?.highlight_count ?? view.unread.highlights,
  }
}

export function applyStripped(view: RoomView, events: readonly ClientEvent[]): void {
  for (const event of events) view.state.set(stateKeyOf(event.type, event.state_key ?? ''), event)
}

function applyEphemeral(view: RoomView, event: { type: string; content: JsonObject }): void {
  if (event.type === 'm.typing') view.typing = event.content.user_ids as string[]
  if (event.type !== 'm.receipt') return
  for (const [eventId, types] of Object.entries(
    event.content as Record<string, Record<string, JsonObject>>,
  )) {
    for (const readers of [types['m.read'], types['m.read.private']]) {
      for (const user of Object.keys(readers ?? {})) view.receipts.set(user, eventId)
    }
  }
}

/** The current membership of somebody is this one. */
export const membership =
  (who: Who, wanted: string): Sight =>
  (room) =>
    room.state.get(stateKeyOf('m.room.member', userIdOf(who)))?.content.membership === wanted

/** The event is in the timeline. */
export const event =
  (eventId: string): Sight =>
  (room) =>
    room.timeline.some((one) => one.event_id === eventId)

/** A message with this text, by this sender if given, is in the timeline. */
export const message =
  (body: string, sender?: Who): Sight =>
  (room) =>
    room.timeline.some(
      (one) => one.content.body === body && (sender === undefined || one.sender === userIdOf(sender)),
    )

/** Somebody has read up to this event. */
export const receipt =
  (who: Who, eventId: string): Sight =>
  (room) =>
    room.receipts.get(userIdOf(who)) === eventId

/** These people, and no others, are typing. */
export const typing =
  (...people: Who[]): Sight =>
  (room) =>
    JSON.stringify(room.typing.toSorted()) === JSON.stringify(people.map(userIdOf).toSorted())

/** The room is in this section of the sync response. */
export const section =
  (wanted: RoomView['section']): Sight =>
  (room) =>
    room.section === wanted
