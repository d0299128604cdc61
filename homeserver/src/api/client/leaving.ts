import { forgetRoom, leaveRoom } from '@kith/spec/api/leaving'
import { forget, leave } from '../../domain/rooms/membership.ts'
import { serve } from '../serve.ts'

export const leavingRoutes = [
  serve(leaveRoom, async ({ server, caller, params, body }) => {
    await leave(server, caller, { roomId: params.roomId, reason: body.reason })
    return {}
  }),
  serve(forgetRoom, async ({ server, caller, params }) => {
    await forget(server, caller, params.roomId)
    return {}
  }),
]
