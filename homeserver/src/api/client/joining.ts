import { joinRoom as joining, joinRoomById } from '@kith/spec/api/joining'
import { joinRoom } from '../../domain/rooms/join.ts'
import { serve } from '../serve.ts'

export const joiningRoutes = [
  serve(joinRoomById, async ({ server, caller, params, body }) => ({
    room_id: await joinRoom(server, caller, { roomIdOrAlias: params.roomId, reason: body.reason }),
  })),
  serve(joining, async ({ server, caller, params, query, body }) => ({
    room_id: await joinRoom(server, caller, {
      roomIdOrAlias: params.roomIdOrAlias,
      via: [...(query.via ?? []), ...(query.server_name ?? [])],
      reason: body.reason,
    }),
  })),
]
