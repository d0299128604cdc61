import { logout, logoutAll } from '@kith/spec/api/logout'
import { logOut, logOutEverywhere } from '../../domain/accounts/sessions.ts'
import { serve } from '../serve.ts'

export const logoutRoutes = [
  serve(logout, async ({ server, caller }) => {
    await logOut(server, caller)
    return {}
  }),
  serve(logoutAll, async ({ server, caller }) => {
    await logOutEverywhere(server, caller)
    return {}
  }),
]
