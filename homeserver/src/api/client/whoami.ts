import { whoAmI } from '@kith/spec/api/whoami'
import { serve } from '../serve.ts'

export const whoAmIRoutes = [
  serve(whoAmI, async ({ caller }) => ({
    user_id: caller.userId,
    device_id: caller.deviceId,
    is_guest: false,
  })),
]
