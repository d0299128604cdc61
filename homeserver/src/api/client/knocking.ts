import { knockOnRoom } from '@kith/spec/api/knocking'
import { knockRoom } from '../../domain/rooms/join.ts'
import { serve } from '../serve.ts'

export const knockingRoutes = [
  serve(knockOnRoom, async ({ server, caller, params, query, body }) => ({
    room_id: await knockRoom(server, caller, {
      roomIdOrAlias: params.roomIdOrAlias,
      via: [...(query.via ?? []), ...(query.server_name ?? [])],
      reason: body.reason,
    }),
  })),
]
