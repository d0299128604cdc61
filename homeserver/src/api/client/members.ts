import { getJoinedMembers, getMembers } from '@kith/spec/api/rooms'
import { clientEvent } from '../../domain/events/client-event.ts'
import { renderState } from '../../domain/events/render.ts'
import { joinedMembers, membersOf } from '../../domain/timeline/members.ts'
import { serve } from '../serve.ts'

export const memberRoutes = [
  serve(getMembers, async ({ server, caller, params, query }) => {
    const { at, membership, not_membership: notMembership } = query
    const events = await membersOf(server, caller, { roomId: params.roomId, at, membership, notMembership })
    const rendered = await renderState(server, caller, events)
    return { chunk: rendered.map((each) => clientEvent(each)) }
  }),
  serve(getJoinedMembers, async ({ server, caller, params }) => ({
    joined: Object.fromEntries(await joinedMembers(server, caller, params.roomId)),
  })),
]
