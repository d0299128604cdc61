import { MatrixError } from '@kith/spec/errors'
import { memberRowsOfUser } from '../../storage/members.ts'
import { RemoteError } from '../federation/remote-error.ts'
import type { Homeserver } from '../homeserver.ts'
import { leave } from '../rooms/membership.ts'
import type { Caller } from './caller.ts'
import { changeSessions } from './sessions.ts'

/**
 * Closes an account for ever: no password opens it, all its devices end, and nobody else can take its name.
 *
 * The rooms are left first, so that whatever stops this in between leaves an account that can try again.
 */
export async function deactivateAccount(server: Homeserver, caller: Caller): Promise<void> {
  await leaveRooms(server, caller)
  await changeSessions(server, {
    user: caller.user,
    endAllBut: null,
    account: { deactivatedAt: server.clock.now() },
  })
}

async function leaveRooms(server: Homeserver, caller: Caller): Promise<void> {
  const rows = await memberRowsOfUser(server.database, caller.user)
  const left = rows.filter(({ membership }) => membership !== 'leave' && membership !== 'ban')
  const names = await server.interning.rooms.names(
    server.database,
    left.map(({ room }) => room),
  )
  for (const roomId of names.values()) {
    try {
      await leave(server, caller, { roomId })
    } catch (error) {
      // A room that can't be left, because of its rules or a dead server, keeps nobody from closing his account.
      if (!(error instanceof MatrixError || error instanceof RemoteError)) throw error
      server.logger.info({ roomId, code: error.name }, 'a room was not left on deactivation')
    }
  }
}
