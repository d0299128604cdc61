import { inviteUser as inviting } from '@kith/spec/api/inviting'
import { inviteUser } from '../../domain/rooms/invite.ts'
import { serve } from '../serve.ts'

export const invitingRoutes = [
  serve(inviting, async ({ server, caller, params, body }) => {
    await inviteUser(server, caller, { roomId: params.roomId, target: body.user_id, reason: body.reason })
    return {}
  }),
]
