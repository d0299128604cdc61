import { kickUser } from '@kith/spec/api/kicking'
import { kick } from '../../domain/rooms/membership.ts'
import { serve } from '../serve.ts'

export const kickingRoutes = [
  serve(kickUser, async ({ server, caller, params, body }) => {
    await kick(server, caller, { roomId: params.roomId, target: body.user_id, reason: body.reason })
    return {}
  }),
]
