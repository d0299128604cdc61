import type { RoomEvent } from '../../events/pdu.ts'
import { isUserId } from '../../ids.ts'
import { own } from '../../json.ts'
import type { MemberChange, RoomView } from './auth-state.ts'
import { checkJoin } from './join.ts'
import { checkKnock } from './knock.ts'
import { checkThirdPartyInvite } from './third-party-invite.ts'
import { allow, type Verdict } from './verdict.ts'

const checks: Record<string, (change: MemberChange, room: RoomView) => Verdict> = {
  join: checkJoin,
  invite: checkInvite,
  leave: checkLeave,
  ban: checkBan,
  knock: checkKnock,
}

/** Rule 5. */
export function checkMember({ pdu }: RoomEvent, room: RoomView): Verdict {
  const { rules } = room.context
  const membership = own(pdu.content, 'membership')
  if (pdu.state_key === undefined || membership === undefined) {
    return room.reject('5.1', 'a membership needs a state key and a membership')
  }
  // That the voucher's server signed is part of the signature checks; see requiredSignatures.
  const voucher = rules.restrictedJoins ? own(pdu.content, 'join_authorised_via_users_server') : undefined
  if (voucher !== undefined && !(typeof voucher === 'string' && isUserId(voucher))) {
    return room.reject('5.2', 'join_authorised_via_users_server is not a user ID')
  }
  const check = typeof membership === 'string' ? own(checks, membership) : undefined
  if (!check || (check === checkKnock && !rules.knocking))
    return room.reject('5.8', 'the membership is unknown')
  return check({ pdu, target: pdu.state_key }, room)
}

/** Rule 5.4. */
function checkInvite(change: MemberChange, room: RoomView): Verdict {
  const { pdu, target } = change
  if (Object.hasOwn(pdu.content, 'third_party_invite')) return checkThirdPartyInvite(change, room) // 5.4.1
  if (room.membership(pdu.sender) !== 'join') return room.reject('5.4.2', 'the sender is not in the room')
  const membership = room.membership(target)
  if (membership === 'join' || membership === 'ban') {
    return room.reject('5.4.3', `the membership of the invited user is ${membership}`)
  }
  const level = room.levels.user(pdu.sender)
  if (level >= room.levels.invite) return allow // 5.4.4
  return room.reject('5.4.5', `level ${level} cannot invite, which takes ${room.levels.invite}`)
}

/** Rule 5.5: leaving, declining, kicking and unbanning. */
function checkLeave({ pdu, target }: MemberChange, room: RoomView): Verdict {
  const membership = room.membership(target)
  if (pdu.sender === target) {
    if (membership === 'invite' || membership === 'join') return allow
    if (membership === 'knock' && room.context.rules.knocking) return allow
    return room.reject('5.5.1', `a user whose membership is ${membership} cannot leave`)
  }
  if (room.membership(pdu.sender) !== 'join') return room.reject('5.5.2', 'the sender is not in the room')
  const senderLevel = room.levels.user(pdu.sender)
  const targetLevel = room.levels.user(target)
  if (membership === 'ban' && senderLevel < room.levels.ban) {
    return room.reject('5.5.3', `level ${senderLevel} cannot unban, which takes ${room.levels.ban}`)
  }
  if (senderLevel >= room.levels.kick && targetLevel < senderLevel) return allow // 5.5.4
  return room.reject('5.5.5', `level ${senderLevel} cannot kick level ${targetLevel}`)
}

/** Rule 5.6. */
function checkBan({ pdu, target }: MemberChange, room: RoomView): Verdict {
  if (room.membership(pdu.sender) !== 'join') return room.reject('5.6.1', 'the sender is not in the room')
  const senderLevel = room.levels.user(pdu.sender)
  const targetLevel = room.levels.user(target)
  if (senderLevel >= room.levels.ban && targetLevel < senderLevel) return allow // 5.6.2
  return room.reject('5.6.3', `level ${senderLevel} cannot ban level ${targetLevel}`)
}
