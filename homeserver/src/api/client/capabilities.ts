import { getCapabilities } from '@kith/spec/api/capabilities'
import { roomVersions } from '@kith/spec/rooms/room-version'
import { serve } from '../serve.ts'

/** The versions of the specification are stable; those of proposals have a dot in their names. */
const standing = (version: string) => (version.includes('.') ? 'unstable' : 'stable')
const available = Object.fromEntries([...roomVersions.keys()].map((name) => [name, standing(name)] as const))

export const capabilityRoutes = [
  serve(getCapabilities, async ({ server }) => ({
    capabilities: {
      'm.change_password': { enabled: true },
      'm.room_versions': { default: server.config.defaultRoomVersion, available },
      'm.set_displayname': { enabled: true },
      'm.set_avatar_url': { enabled: true },
      'm.3pid_changes': { enabled: false },
      'm.get_login_token': { enabled: false },
      'm.profile_fields': { enabled: true },
    },
  })),
]
