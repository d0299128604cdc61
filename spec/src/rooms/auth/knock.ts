import type { MemberChange, RoomView } from './auth-state.ts'
import { allow, type Verdict } from './verdict.ts'

/** Rule 5.7. */
export function checkKnock({ pdu, target }: MemberChange, room: RoomView): Verdict {
  const { rules } = room.context
  if (room.joinRule !== 'knock' && !(rules.knockRestricted && room.joinRule === 'knock_restricted')) {
    return room.reject('5.7.1', `the join rule ${room.joinRule} does not let users knock`)
  }
  if (pdu.sender !== target) return room.reject('5.7.2', 'nobody can knock for another user')
  const membership = room.membership(pdu.sender)
  if (membership !== 'ban' && membership !== 'invite' && membership !== 'join') return allow // 5.7.3
  return room.reject('5.7.4', `a user whose membership is ${membership} cannot knock`)
}
