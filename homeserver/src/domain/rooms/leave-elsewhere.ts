import { forbidden } from '@kith/spec/errors'
import { domainOf } from '@kith/spec/ids'
import type { JsonObject } from '@kith/spec/json'
import type { RoomNumber } from '../../storage/interning.ts'
import type { InvitationChange } from '../../storage/invitations.ts'
import { kinds } from '../../storage/kinds.ts'
import { memberRow } from '../../storage/members.ts'
import type { Homeserver } from '../homeserver.ts'
import type { LocalSender } from './send.ts'

/**
 * Declines an invite to, or withdraws a knock on, a room that this server is not in. The servers in it are told if
 * they can be reached; for our user it is over in any case (checklist A13).
 */
export async function leaveElsewhere(
  server: Homeserver,
  sender: LocalSender,
  { room, roomId, reason }: { room: RoomNumber; roomId: string; reason?: string },
): Promise<void> {
  const member = await memberRow(server.database, room, sender.user)
  if (member?.membership !== 'invite' && member?.membership !== 'knock') {
    throw forbidden('you are not in the room')
  }
  const held = (await server.events.byNumber([member.event])).get(member.event)
  const via = [...new Set([domainOf(held?.pdu.sender ?? ''), domainOf(roomId)])].filter(
    (name) => name !== '' && !server.isLocal(name),
  )
  const content: JsonObject = reason === undefined ? {} : { reason }
  await server.remote.leave({ userId: sender.userId, roomId, via, content }).catch((error: unknown) => {
    server.logger.info({ error, roomId }, 'an invite was declined here only: no server of the room took it')
  })
  const payload: InvitationChange = {
    room,
    user: sender.user,
    membership: 'leave',
    event: member.event,
    strippedState: [],
  }
  await server.log.commit({
    transactionKeys: [],
    changes: [{ kind: kinds.invitation, room, user: sender.user, payload }],
  })
}
