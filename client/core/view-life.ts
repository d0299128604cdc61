/** Rooms are kept in memory whole only while somebody watches them. */

import type { ClientEvent } from '@kith/spec/api/schemas'
import type { TopicName, Topics } from './api.ts'
import { CommandError, raise } from './errors.ts'
import { call } from './http.ts'
import { commit, knownRoom, type Model, signedIn } from './model.ts'
import { stateRows } from './rooms/change.ts'
import { allMembers, details, items, showMembers, showTimeline, timelineStatus } from './show.ts'
import { loadView, type RoomView, setMembers } from './timeline/room-view.ts'

export type RoomTopic = 'room' | 'timeline' | 'members'
const roomTopics: RoomTopic[] = ['room', 'timeline', 'members']

/** Watches a room, from when it is loaded. @returns stops it */
export function watchRoom<Topic extends RoomTopic>(
  model: Model,
  { topic, roomId }: { topic: Topic; roomId: string },
  listener: (update: Topics[Topic]['update']) => void,
): () => void {
  let isOver = false
  let stop: (() => void) | undefined
  const begin = async () => {
    if (isOver) return
    const view = await openView(model, roomId)
    if (isOver) return
    if (view) model.views.set(roomId, view)
    listener(firstUpdate(model, { topic, roomId }) as Topics[Topic]['update'])
    stop = model.topics.add(topic, roomId, listener)
    if (topic === 'members') loadMembers(model, roomId).catch(raiseUnlessCommand)
  }
  model.turn(begin).catch(raise)
  return () => {
    isOver = true
    stop?.()
    if (!isWatched(model, roomId)) model.views.delete(roomId)
  }
}

function isWatched(model: Model, roomId: string): boolean {
  return roomTopics.some((topic) => model.topics.isWatched(topic, roomId))
}

/** Only inside a turn. @returns undefined while no such room is known */
async function openView(model: Model, roomId: string): Promise<RoomView | undefined> {
  const open = model.views.get(roomId)
  const room = model.rooms.get(roomId)
  if (open || !room) return open
  const view = await loadView(model.store, room)
  view.items = items(model, view)
  return view
}

function firstUpdate(
  model: Model,
  { topic, roomId }: { topic: RoomTopic; roomId: string },
): Topics[TopicName]['update'] {
  const view = model.views.get(roomId)
  switch (topic) {
    case 'room':
      return details(model, roomId)
    case 'members':
      return { kind: 'reset', entries: view ? allMembers(model, view) : [] }
    case 'timeline':
      return view
        ? { kind: 'reset', items: view.items, status: timelineStatus(model, view) }
        : { kind: 'reset', items: [], status: { older: 'none' } }
  }
}

/** Opens rooms that were watched before a sync brought them. */
export async function fillViews(model: Model): Promise<void> {
  for (const roomId of model.rooms.keys()) {
    if (model.views.has(roomId) || !isWatched(model, roomId)) continue
    await model.turn(async () => {
      const view = await openView(model, roomId)
      if (!view || !isWatched(model, roomId)) return
      model.views.set(roomId, view)
      const publish = <Topic extends RoomTopic>(topic: Topic) =>
        model.topics.publish(topic, roomId, firstUpdate(model, { topic, roomId }) as Topics[Topic]['update'])
      roomTopics.forEach(publish)
    })
  }
}

/** Fetches all members once; from then on syncs keep them. */
async function loadMembers(model: Model, roomId: string): Promise<void> {
  const before = model.rooms.get(roomId)
  if (!before || before.hasAllMembers || before.membership !== 'join') return
  const { chunk } = await call<{ chunk: ClientEvent[] }>(signedIn(model), 'getMembers', {
    params: { roomId },
    query: { not_membership: 'leave' },
  })
  await model.turn(async () => {
    const room = knownRoom(model, roomId)
    const state = stateRows(roomId, chunk)
    await commit(model, { rooms: [{ ...room, hasAllMembers: true }], state })
    const view = model.views.get(roomId)
    if (!view) return
    setMembers(view, state)
    view.built.clear()
    showTimeline(model, view)
    showMembers(model, view, view.members.keys())
  })
}

function raiseUnlessCommand(error: unknown): void {
  if (!(error instanceof CommandError)) raise(error)
}
