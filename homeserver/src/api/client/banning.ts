import { banUser, unbanUser } from '@kith/spec/api/banning'
import { ban, unban } from '../../domain/rooms/membership.ts'
import { serve } from '../serve.ts'

export const banningRoutes = [
  serve(banUser, async ({ server, caller, params, body }) => {
    await ban(server, caller, { roomId: params.roomId, target: body.user_id, reason: body.reason })
    return {}
  }),
  serve(unbanUser, async ({ server, caller, params, body }) => {
    await unban(server, caller, { roomId: params.roomId, target: body.user_id, reason: body.reason })
    return {}
  }),
]
