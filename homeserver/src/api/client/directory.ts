import { deleteRoomAlias, getLocalAliases, getRoomIdByAlias, setRoomAlias } from '@kith/spec/api/directory'
import { createAlias, localAliases, removeAlias, resolveAlias } from '../../domain/rooms/aliases.ts'
import { serve } from '../serve.ts'

export const directoryRoutes = [
  serve(getRoomIdByAlias, async ({ server, params }) => {
    const { roomId, servers } = await resolveAlias(server, params.roomAlias)
    return { room_id: roomId, servers }
  }),
  serve(setRoomAlias, async ({ server, caller, params, body }) => {
    await createAlias(server, caller, { alias: params.roomAlias, roomId: body.room_id })
    return {}
  }),
  serve(deleteRoomAlias, async ({ server, caller, params }) => {
    await removeAlias(server, caller, params.roomAlias)
    return {}
  }),
  serve(getLocalAliases, async ({ server, caller, params }) => ({
    aliases: await localAliases(server, caller, params.roomId),
  })),
]
