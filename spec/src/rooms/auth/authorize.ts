import type { RoomEvent } from '../../events/pdu.ts'
import { domainOf } from '../../ids.ts'
import { own } from '../../json.ts'
import { checkAliases } from './aliases.ts'
import { type AuthContext, type AuthState, type RoomView, roomView } from './auth-state.ts'
import { checkCreate } from './create.ts'
import { checkMember } from './member.ts'
import { checkOwner } from './owned-state.ts'
import { checkPowerLevels } from './power-levels-change.ts'
import { checkRedaction } from './redaction.ts'
import { allow, reject, type Verdict } from './verdict.ts'

export { authorizeAuthEvents, authStateKeys } from './auth-events.ts'
export { type AuthContext, type AuthState, authStateOf } from './auth-state.ts'
export type { Verdict } from './verdict.ts'

/**
 * Decides whether an event may be sent in a state. Its format, signatures and list of auth events are already checked.
 *
 * Source: room versions 1 to 12, "Authorisation rules". Comments cite the numbers of version 12 where they name no
 * other; a verdict has those of the room's version.
 */
export function authorize(event: RoomEvent, state: AuthState, context: AuthContext): Verdict {
  const { pdu } = event
  if (pdu.type === 'm.room.create') return checkCreate(event, context) // 1
  const create = state.get('m.room.create', '')
  if (!create) return reject('2', 'the room has no create event')
  const room = roomView(create, state, context)
  if (context.rules.roomIdIsCreateHash && event.roomId !== `!${create.eventId.slice(1)}`) {
    return room.reject('2', 'the room ID is not that of the create event')
  }
  // 3: authorizeAuthEvents
  if (
    own(create.pdu.content, 'm.federate') === false &&
    domainOf(pdu.sender) !== domainOf(create.pdu.sender)
  ) {
    return room.reject('4', 'the room does not federate')
  }
  if (context.rules.aliasesRule && pdu.type === 'm.room.aliases') return checkAliases(pdu)
  if (pdu.type === 'm.room.member') return checkMember(event, room) // 5
  if (room.membership(pdu.sender) !== 'join') return room.reject('6', 'the sender is not in the room')
  const level = room.levels.user(pdu.sender)
  if (pdu.type === 'm.room.third_party_invite') {
    if (level >= room.levels.invite) return allow // 7.1
    return room.reject('7.1', `level ${level} cannot invite, which takes ${room.levels.invite}`)
  }
  return checkOther(event, room, level)
}

function checkOther(event: RoomEvent, room: RoomView, level: number): Verdict {
  const { pdu } = event
  const required = room.levels.event(pdu.type, pdu.state_key !== undefined)
  if (required > level) {
    return room.reject('8', `level ${level} cannot send ${pdu.type}, which takes ${required}`)
  }
  const notOwner = checkOwner(pdu, room, level) // 9
  if (notOwner) return notOwner
  if (pdu.type === 'm.room.power_levels') return checkPowerLevels(pdu, room) // 10
  if (room.context.rules.redactionRule && pdu.type === 'm.room.redaction') return checkRedaction(event, room)
  return allow // 11
}
