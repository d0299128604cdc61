import type { Homeserver } from '../homeserver.ts'
import type { Caller } from './caller.ts'
import { checkNewPassword } from './register-account.ts'
import { changeSessions } from './sessions.ts'

/** @param endsOthers whether the user's other devices are signed out */
export async function changePassword(
  server: Homeserver,
  caller: Caller,
  { password, endsOthers }: { password: string; endsOthers: boolean },
): Promise<void> {
  checkNewPassword(password)
  const passwordHash = await server.accounts.passwords.hash(password)
  await changeSessions(server, {
    user: caller.user,
    endAllBut: endsOthers ? caller.deviceId : undefined,
    account: { passwordHash },
  })
}
