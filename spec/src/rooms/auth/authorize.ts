import type { RoomEvent } from '../../events/pdu.ts'
import { prevEventIds } from '../../events/references.ts'
import { domainOf, isUserId } from '../../ids.ts'
import { own } from '../../json.ts'
import { roomVersions } from '../room-version.ts'
import { type AuthContext, type AuthState, type RoomView, roomView } from './auth-state.ts'
import { checkMember } from './member.ts'
import { checkPowerLevels } from './power-levels-change.ts'
import { allow, reject, type Verdict } from './verdict.ts'

export { authorizeAuthEvents, authStateKeys } from './auth-events.ts'
export { type AuthContext, type AuthState, authStateOf } from './auth-state.ts'
export type { Verdict } from './verdict.ts'

/**
 * Decides whether an event may be sent in a state. Its format, signatures and list of auth events are already checked.
 *
 * Source: room versions 10, 11 and 12, "Authorisation rules". Comments cite the numbers of version 12, a verdict those
 * of the room's version.
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
  if (pdu.type === 'm.room.member') return checkMember(event, room) // 5
  if (room.membership(pdu.sender) !== 'join') return room.reject('6', 'the sender is not in the room')
  const level = room.levels.user(pdu.sender)
  if (pdu.type === 'm.room.third_party_invite') {
    if (level >= room.levels.invite) return allow // 7.1
    return room.reject('7.1', `level ${level} cannot invite, which takes ${room.levels.invite}`)
  }
  return checkOther(event, room, level)
}

function checkOther({ pdu }: RoomEvent, room: RoomView, level: number): Verdict {
  const required = room.levels.event(pdu.type, pdu.state_key !== undefined)
  if (required > level) {
    return room.reject('8', `level ${level} cannot send ${pdu.type}, which takes ${required}`)
  }
  if (pdu.state_key?.startsWith('@') && pdu.state_key !== pdu.sender) {
    return room.reject('9', 'the state key is the ID of another user')
  }
  if (pdu.type === 'm.room.power_levels') return checkPowerLevels(pdu, room) // 10
  return allow // 11
}

/** Rule 1. */
function checkCreate({ pdu }: RoomEvent, { rules }: AuthContext): Verdict {
  const { content } = pdu
  if (prevEventIds(pdu).length > 0) return reject('1.1', 'a create event must come first')
  if (rules.roomIdIsCreateHash) {
    if (pdu.room_id !== undefined) return reject('1.2', 'the room ID follows from the create event')
  } else if (domainOf(pdu.room_id ?? '') !== domainOf(pdu.sender)) {
    return reject('1.2', 'the room ID has another domain than the sender')
  }
  const version = own(content, 'room_version')
  if (version !== undefined && !(typeof version === 'string' && roomVersions.has(version))) {
    return reject('1.3', 'the room version is unknown')
  }
  if (rules.creatorInContent && !Object.hasOwn(content, 'creator'))
    return reject('1.4', 'there is no creator')
  const additional = own(content, 'additional_creators')
  if (rules.privilegedCreators && additional !== undefined && !areUserIds(additional)) {
    return reject('1.4', 'additional_creators must be an array of user IDs')
  }
  return allow // 1.5
}

function areUserIds(value: unknown): boolean {
  return Array.isArray(value) && value.every((id) => typeof id === 'string' && isUserId(id))
}
