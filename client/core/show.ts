/** Tells the watchers what changed. Nothing is computed for topics that nobody watches. */

import type { Model } from './model.ts'
import { detailsOf, entryOf } from './rooms/entry.ts'
import { personOf } from './rooms/people.ts'
import { permissionsOf, powerOver } from './rooms/permissions.ts'
import type { RoomRecord } from './store/records.ts'
import { diffItems } from './timeline/diff.ts'
import { itemsContext, timelineItems } from './timeline/items.ts'
import { gapBelow } from './timeline/places.ts'
import type { RoomView } from './timeline/room-view.ts'
import type { Member, RoomDetails, RoomEntry, TimelineStatus } from './views.ts'

export function showRooms(model: Model, roomIds: Iterable<string>): void {
  const rooms = [...new Set(roomIds)].flatMap((roomId) => model.rooms.get(roomId) ?? [])
  if (rooms.length > 0 && model.topics.isWatched('rooms', '')) {
    model.topics.publish('rooms', '', {
      kind: 'change',
      set: rooms.map((room) => entry(model, room)),
      removed: [],
    })
  }
  for (const { roomId } of rooms) showDetails(model, roomId)
}

export function allRooms(model: Model): RoomEntry[] {
  return [...model.rooms.values()].map((room) => entry(model, room))
}

function entry(model: Model, room: RoomRecord): RoomEntry {
  return entryOf(room, model.entries)
}

export function showDetails(model: Model, roomId: string): void {
  if (model.topics.isWatched('room', roomId)) model.topics.publish('room', roomId, details(model, roomId))
}

export function details(model: Model, roomId: string): RoomDetails | undefined {
  const room = model.rooms.get(roomId)
  if (!room) return undefined
  const members = model.views.get(roomId)?.members
  const typing = (model.typing.get(roomId) ?? []).map((userId) =>
    personOf(userId, members?.get(userId) ?? room.people[userId]),
  )
  return detailsOf(room, typing, model.entries)
}

/** Publishes what differs from what the timeline's watchers have. */
export function showTimeline(model: Model, view: RoomView): void {
  const before = view.items
  view.items = items(model, view)
  const { splice, changed } = diffItems(before, view.items)
  const status = timelineStatus(model, view)
  model.topics.publish('timeline', view.roomId, {
    kind: 'change',
    ...(splice && { splice }),
    changed,
    status,
  })
}

export function items(model: Model, view: RoomView): RoomView['items'] {
  const room = model.rooms.get(view.roomId)
  if (!room) return []
  const { me } = model.entries
  const outbox = [...model.outbox.values()].filter(({ roomId }) => roomId === view.roomId)
  return timelineItems(itemsContext(view, { room, me, can: permissionsOf(room, me), outbox }))
}

export function timelineStatus(model: Model, view: RoomView): TimelineStatus {
  if (view.loadingOlder !== 'idle') return { older: view.loadingOlder }
  const gaps = model.rooms.get(view.roomId)?.gaps ?? []
  const hasGap = gapBelow(gaps, view.entries[0]?.place ?? Number.POSITIVE_INFINITY) !== undefined
  return { older: view.hasOlderStored || hasGap ? 'yes' : 'none' }
}

/** Publishes the members that changed: all of them where levels did. */
export function showMembers(model: Model, view: RoomView, userIds: Iterable<string>): void {
  const room = model.rooms.get(view.roomId)
  if (!room || !model.topics.isWatched('members', view.roomId)) return
  const set = [...new Set(userIds)].flatMap((userId) => member(model, view, userId) ?? [])
  if (set.length > 0) model.topics.publish('members', view.roomId, { kind: 'change', set, removed: [] })
}

export function allMembers(model: Model, view: RoomView): Member[] {
  return [...view.members.keys()].flatMap((userId) => member(model, view, userId) ?? [])
}

function member(model: Model, view: RoomView, userId: string): Member | undefined {
  const room = model.rooms.get(view.roomId)
  const profile = view.members.get(userId)
  if (!room || !profile) return undefined
  const membership = profile.membership ?? 'leave'
  const { me } = model.entries
  const over = powerOver(room, me, { userId, membership })
  return { ...personOf(userId, profile), membership, isMe: userId === me, ...over }
}
