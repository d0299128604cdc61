/** One room of a sync that the reader has left: his leaving and what he could see before, nothing after (checklist V2). */
import type { NodeId } from '@kith/spec/rooms/state-trie'
import type { Member } from '../../storage/members.ts'
import { roomState } from '../../storage/states.ts'
import type { Place, StoredEvent } from '../../storage/stored-event.ts'
import type { Rendered } from '../events/client-event.ts'
import { render, renderState } from '../events/render.ts'
import { joinedSince } from '../push/unread.ts'
import { type Seen, type Standpoint, standpointOf } from '../rooms/visibility.ts'
import { stateOf } from './room-state.ts'
import type { SyncContext } from './sync-context.ts'
import { settledTimeline, timelineOf } from './timeline.ts'

export interface LeftRoom {
  roomId: string
  timeline: readonly Rendered[]
  limited: boolean
  prevBatch: Place | undefined
  state: readonly Rendered[]
}

export async function leftRoom(context: SyncContext, member: Member): Promise<LeftRoom | undefined> {
  const { server, reader } = context
  const own = (await server.events.byNumber([member.event])).get(member.event)
  const from = await standpointOf(server, reader, { room: member.room, member })
  const roomId = await server.interning.rooms.name(server.database, member.room)
  const { lastJoined } = from
  if (typeof lastJoined !== 'object' || lastJoined.position <= (context.since ?? 0)) {
    return own && notice(context, { own, from, roomId })
  }
  const { timeline, state } = await lastStay(context, { member, from, end: lastJoined })
  return {
    roomId,
    timeline: await render(server, reader, { seen: timeline.seen, from }),
    limited: timeline.limited,
    prevBatch: timeline.prevBatch,
    state: await renderState(server, reader, state),
  }
}

/** Of a room the reader was not in since the last sync: that an invite or a knock came to an end, or that he was banned. */
async function notice(
  { server, reader, request }: SyncContext,
  { own, from, roomId }: { own: StoredEvent; from: Standpoint; roomId: string },
): Promise<LeftRoom> {
  const seen: Seen[] = request.filter.timeline.passes(own) ? [{ event: own, membership: 'leave' }] : []
  const timeline = await render(server, reader, { seen, from, parents: new Set() })
  return { roomId, timeline, limited: false, prevBatch: own.place, state: [] }
}

interface Stay {
  member: Member
  from: Standpoint
  /** The place of the event that ended it. */
  end: Place
}

async function lastStay(context: SyncContext, { member, from, end }: Stay) {
  const { server, reader, since, request } = context
  const { room } = member
  const ending = (await server.events.atPositions(room, [end.position]))[0]
  const began = ending ? await joinedSince(server, reader, { ...member, event: ending.number }) : 0
  const isFresh = since === undefined || began > since
  const read = await timelineOf(context, {
    room,
    from,
    after: isFresh ? undefined : since,
    until: end.position,
    mayHaveGaps: true,
  })
  const endRoot: NodeId = ending?.rootAfter ?? 0
  const before =
    isFresh || request.fullState ? 0 : ((await roomState(server.database, room, since))?.root ?? 0)
  const timeline = request.stateAfter === 'no' ? await settledTimeline(context, read, endRoot) : read
  const state = await stateOf(context, { room, before, end: endRoot, timeline: timeline.seen, heroes: [] })
  return { timeline, state }
}
