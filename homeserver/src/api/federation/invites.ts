import { sendInvite, sendInviteV1 } from '@kith/spec/api/federation/invites'
import type { Json } from '@kith/spec/json'
import { isObject } from '@kith/spec/json'
import { receiveInvite } from '../../domain/federation/serving/receive-invite.ts'
import { serve } from '../serve.ts'

export const inviteRoutes = [
  serve(sendInvite, async ({ server, caller, params, body }) => {
    const { room_version: version, event, invite_room_state: strippedState = [] } = body
    const given = { ...params, version, body: event, strippedState }
    return { event: await receiveInvite(server, caller.origin, given) }
  }),
  serve(sendInviteV1, async ({ server, caller, params, body }): Promise<[200, { event: typeof body }]> => {
    const given = { ...params, body, strippedState: shownIn(body.unsigned) }
    return [200, { event: await receiveInvite(server, caller.origin, given) }]
  }),
]

/** The first version of the operation has the stripped state within the event. */
function shownIn(unsigned: Json | undefined): Json[] {
  const state = isObject(unsigned) ? unsigned.invite_room_state : undefined
  return Array.isArray(state) ? state : []
}
