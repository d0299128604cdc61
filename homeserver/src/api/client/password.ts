import { deactivate } from '@kith/spec/api/account-deactivation'
import { changePassword as changePasswordContract } from '@kith/spec/api/password-management'
import { changePassword } from '../../domain/accounts/change-password.ts'
import { deactivateAccount } from '../../domain/accounts/deactivate.ts'
import { confirm } from '../../domain/accounts/interactive-auth.ts'
import { checkNewPassword } from '../../domain/accounts/register-account.ts'
import { serve } from '../serve.ts'

const stage = 'm.login.password'

export const passwordRoutes = [
  serve(changePasswordContract, async ({ server, caller, body }) => {
    checkNewPassword(body.new_password)
    await confirm(server, { operation: 'change password', stage, caller, body })
    const endsOthers = body.logout_devices ?? true
    await changePassword(server, caller, { password: body.new_password, endsOthers })
    return {}
  }),
  serve(deactivate, async ({ server, caller, body }) => {
    await confirm(server, { operation: 'deactivate', stage, caller, body })
    await deactivateAccount(server, caller)
    return { id_server_unbind_result: 'no-support' as const }
  }),
]
