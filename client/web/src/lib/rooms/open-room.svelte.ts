import type { Topics } from '../../../../core/api.ts'
import { applyListUpdate, applyTimelineUpdate } from '../../../../core/updates.ts'
import type { Member, RoomDetails, TimelineItem, TimelineStatus } from '../../../../core/views.ts'
import { onSignOut } from '../on-sign-out.ts'
import { topicValue } from '../topic.svelte.ts'

/** A room as its screen shows it. Each part is watched while it is read. */
export interface OpenRoom {
  readonly roomId: string
  /** `undefined`: not told yet. `known: false`: there is no such room for this account. */
  readonly details: { known: true; room: RoomDetails } | { known: false } | undefined
  readonly timeline: { items: TimelineItem[]; status: TimelineStatus } | undefined
  /** Everybody, of every membership, by user ID. Fetched when it is first read. */
  readonly members: ReadonlyMap<string, Member> | undefined
}

/** How many rooms stay as they were when one leaves them. */
const mostKept = 20
const kept = new Map<string, OpenRoom>()

/** The same object for the same room, so that its parts are there at once when one comes back. */
export function openRoom(roomId: string): OpenRoom {
  const room = kept.get(roomId) ?? newRoom(roomId)
  kept.delete(roomId)
  kept.set(roomId, room)
  const [oldest] = kept.keys()
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest)
  return room
}

onSignOut(() => kept.clear())

function newRoom(roomId: string): OpenRoom {
  const argument = { roomId }
  const details = topicValue<'room', OpenRoom['details']>('room', argument, (room) =>
    room ? { known: true, room } : { known: false },
  )
  const timeline = topicValue('timeline', argument, foldTimeline)
  const members = topicValue('members', argument, foldMembers)
  return {
    roomId,
    get details() {
      return details.value
    },
    get timeline() {
      return timeline.value
    },
    get members() {
      return members.value
    },
  }
}

function foldTimeline(
  update: Topics['timeline']['update'],
  before: OpenRoom['timeline'],
): NonNullable<OpenRoom['timeline']> {
  return { items: applyTimelineUpdate(before?.items ?? [], update), status: update.status }
}

function foldMembers(update: Topics['members']['update'], before: OpenRoom['members']): Map<string, Member> {
  const map = new Map(before)
  applyListUpdate(map, update, ({ userId }) => userId)
  return map
}
