import type { Pdu } from '../../events/pdu.ts'
import { prevEventIds } from '../../events/references.ts'
import { own } from '../../json.ts'
import { creatorsOf } from '../power-levels.ts'
import type { MemberChange, RoomView } from './auth-state.ts'
import { allow, type Verdict } from './verdict.ts'

/** Rule 5.3. */
export function checkJoin({ pdu, target }: MemberChange, room: RoomView): Verdict {
  const { rules } = room.context
  const [previous, ...others] = prevEventIds(pdu)
  const isFirst = previous === room.create.eventId && others.length === 0
  if (isFirst && creatorsOf(room.create, rules)[0] === target) return allow // 5.3.1
  if (pdu.sender !== target) return room.reject('5.3.2', 'nobody can join for another user')
  const membership = room.membership(target)
  if (membership === 'ban') return room.reject('5.3.3', 'the user is banned')
  const isWelcome = membership === 'invite' || membership === 'join'
  if (room.joinRule === 'invite' || (rules.knocking && room.joinRule === 'knock')) {
    if (isWelcome) return allow // 5.3.4
  } else if (isRestricted(room)) {
    return isWelcome ? allow : checkVoucher(pdu, room) // 5.3.5.1
  } else if (room.joinRule === 'public') {
    return allow // 5.3.6
  }
  return room.reject('5.3.7', `the join rule ${room.joinRule} does not let the user in`)
}

function isRestricted({ joinRule, context: { rules } }: RoomView): boolean {
  return (
    (rules.restrictedJoins && joinRule === 'restricted') ||
    (rules.knockRestricted && joinRule === 'knock_restricted')
  )
}

/** Rules 5.3.5.2 and 5.3.5.3. */
function checkVoucher(pdu: Pdu, room: RoomView): Verdict {
  const voucher = own(pdu.content, 'join_authorised_via_users_server')
  if (typeof voucher !== 'string') return room.reject('5.3.5.2', 'nobody vouches for the join')
  if (room.membership(voucher) !== 'join') return room.reject('5.3.5.2', `${voucher} is not in the room`)
  if (room.levels.user(voucher) < room.levels.invite)
    return room.reject('5.3.5.2', `${voucher} cannot invite`)
  return allow
}
