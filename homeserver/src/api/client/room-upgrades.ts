import { upgradeRoom as upgrading } from '@kith/spec/api/room-upgrades'
import { upgradeRoom } from '../../domain/rooms/upgrade.ts'
import { serve } from '../serve.ts'

export const roomUpgradeRoutes = [
  serve(upgrading, async ({ server, caller, params, body }) => {
    const { new_version: version, additional_creators: additionalCreators = [] } = body
    const upgrade = { roomId: params.roomId, version, additionalCreators }
    return { replacement_room: await upgradeRoom(server, caller, upgrade) }
  }),
]
