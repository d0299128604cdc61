/** Changes of membership that a room's own members make: leave, kick, ban, unban, and what they need. */
import { forbidden, MatrixError } from '@kith/spec/errors'
import type { JsonObject } from '@kith/spec/json'
import type { Membership } from '../../storage/event-inserts.ts'
import { forgetRoom } from '../../storage/forgotten.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import { kinds } from '../../storage/kinds.ts'
import { memberRow } from '../../storage/members.ts'
import type { Homeserver } from '../homeserver.ts'
import { prepareAll } from './changes.ts'
import type { Head } from './head.ts'
import { leaveElsewhere } from './leave-elsewhere.ts'
import { membershipOf } from './member-changes.ts'
import { memberContent } from './member-content.ts'
import { type LocalSender, roomNumber } from './send.ts'
import { stateEvent } from './state-reader.ts'

export interface MembershipChange {
  roomId: string
  target: string
  membership: Membership
  reason?: string
  /** More of the event's content, as a client may set it through the state endpoint. */
  content?: JsonObject
  /** Whether name and picture are as given, not as in the profile. */
  keepsContent?: boolean
}

/** Writes one member event by a local user into a room that this server is in. @returns the event's id */
export async function writeMember(
  server: Homeserver,
  sender: LocalSender,
  change: MembershipChange & { check?: (current: Membership) => void },
): Promise<string> {
  const room = await roomNumber(server, change.roomId)
  const { membership, reason, content: more } = change
  const content = change.keepsContent
    ? { ...more, membership }
    : await memberContent(server, change.target, { membership, reason, more })
  return server.rooms.write(room, async (head) => {
    if (!head) throw forbidden('this server is not in the room')
    change.check?.(await currentMembership(server, head, change.target))
    const unit = await prepareAll(server, head, [
      { type: 'm.room.member', sender: sender.userId, stateKey: change.target, content },
    ])
    return { ...unit, result: (unit.events[0] as { eventId: string }).eventId }
  })
}

async function currentMembership(server: Homeserver, head: Head, target: string): Promise<Membership> {
  return membershipOf(await stateEvent(server, head.root, ['m.room.member', target]))
}

type Target = Omit<MembershipChange, 'membership'>

/** Removes somebody. @throws M_FORBIDDEN also where there is nobody to remove */
export function kick(server: Homeserver, sender: LocalSender, target: Target): Promise<string> {
  return writeMember(server, sender, {
    ...target,
    membership: 'leave',
    check: (current) => {
      if (current === 'leave' || current === 'ban') throw forbidden(`${target.target} is not in the room`)
    },
  })
}

export function ban(server: Homeserver, sender: LocalSender, target: Target): Promise<string> {
  return writeMember(server, sender, { ...target, membership: 'ban' })
}

export function unban(server: Homeserver, sender: LocalSender, target: Target): Promise<string> {
  return writeMember(server, sender, {
    ...target,
    membership: 'leave',
    check: (current) => {
      if (current !== 'ban') throw forbidden(`${target.target} is not banned`)
    },
  })
}

/** Leaves a room, or declines an invite to it or withdraws a knock on it, wherever the room lives. */
export async function leave(
  server: Homeserver,
  sender: LocalSender,
  { roomId, reason }: { roomId: string; reason?: string },
): Promise<void> {
  const room = await roomNumber(server, roomId)
  if (await isResident(server, room)) {
    await writeMember(server, sender, { roomId, reason, target: sender.userId, membership: 'leave' })
  } else {
    await leaveElsewhere(server, sender, { room, roomId, reason })
  }
}

/** Whether somebody of this server is in the room, so that its state here is current. */
export async function isResident(server: Homeserver, room: RoomNumber): Promise<boolean> {
  return (await server.rooms.members.of(room)).local.size > 0
}

/** Takes a room that one has left out of one's sight. @throws M_UNKNOWN while one is in it */
export async function forget(server: Homeserver, sender: LocalSender, roomId: string): Promise<void> {
  const room = await roomNumber(server, roomId)
  const member = await memberRow(server.database, room, sender.user)
  if (!member) throw new MatrixError('M_NOT_FOUND', 'you have never been in this room')
  if (member.membership !== 'leave' && member.membership !== 'ban') {
    throw new MatrixError('M_UNKNOWN', 'leave the room before you forget it')
  }
  if (member.forgotten) return
  await server.log.commit({
    transactionKeys: [],
    changes: [{ kind: kinds.forget, user: sender.user, payload: forgetRoom(room, sender.user) }],
  })
}
