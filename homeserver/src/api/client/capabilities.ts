import { getCapabilities } from '@kith/spec/api/capabilities'
import { defaultRoomVersion, roomVersions } from '@kith/spec/rooms/room-version'
import { serve } from '../serve.ts'

const available = Object.fromEntries([...roomVersions.keys()].map((version) => [version, 'stable' as const]))

export const capabilityRoutes = [
  serve(getCapabilities, async () => ({
    capabilities: {
      'm.change_password': { enabled: true },
      'm.room_versions': { default: defaultRoomVersion, available },
      'm.set_displayname': { enabled: true },
      'm.set_avatar_url': { enabled: true },
      'm.3pid_changes': { enabled: false },
      'm.get_login_token': { enabled: false },
      'm.profile_fields': { enabled: true },
    },
  })),
]
