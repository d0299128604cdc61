import type { RoomEvent } from '../../events/pdu.ts'
import { prevEventIds } from '../../events/references.ts'
import { domainOf, isUserId } from '../../ids.ts'
import { own } from '../../json.ts'
import { roomVersions } from '../room-version.ts'
import type { AuthContext } from './auth-state.ts'
import { allow, reject, type Verdict } from './verdict.ts'

/** Rule 1. */
export function checkCreate({ pdu }: RoomEvent, { rules }: AuthContext): Verdict {
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
