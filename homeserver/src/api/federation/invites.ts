import { sendInvite, sendInviteV1 } from '@kith/spec/api/federation/invites'
import type { Json } from '@kith/spec/json'
import { isObject } from '@kith/spec/json'
import { splitJson } from '@kith/spec/split-json'
import { receiveInvite } from '../../domain/federation/serving/receive-invite.ts'
import { serve } from '../serve.ts'

export const inviteRoutes = [
  serve(sendInvite, async ({ server, caller, params, body, bodyBytes }) => {
    const { room_version: version, invite_room_state: strippedState = [] } = body
    const text = splitJson(bodyBytes, new Set(['event'])).items.get('event')?.[0] ?? ''
    return { event: await receiveInvite(server, caller.origin, { ...params, version, text, strippedState }) }
  }),
  serve(
    sendInviteV1,
    async ({ server, caller, params, body, bodyBytes }): Promise<[200, { event: typeof body }]> => {
      const given = { ...params, text: bodyBytes, strippedState: shownIn(body.unsigned) }
      return [200, { event: await receiveInvite(server, caller.origin, given) }]
    },
  ),
]

/** The first version of the operation has the stripped state within the event. */
function shownIn(unsigned: Json | undefined): Json[] {
  const state = isObject(unsigned) ? unsigned.invite_room_state : undefined
  return Array.isArray(state) ? state : []
}
