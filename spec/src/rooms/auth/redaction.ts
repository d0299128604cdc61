import type { RoomEvent } from '../../events/pdu.ts'
import { redactionTarget } from '../../events/redaction.ts'
import { domainOf } from '../../ids.ts'
import type { RoomView } from './auth-state.ts'
import { allow, reject, type Verdict } from './verdict.ts'

/** Rule 11 of room versions 1 and 2, whose event IDs have a domain. */
export function checkRedaction({ eventId, pdu }: RoomEvent, room: RoomView): Verdict {
  const level = room.levels.user(pdu.sender)
  if (level >= room.levels.redact) return allow // 11.1
  const target = redactionTarget(pdu, room.context.rules)
  if (target !== undefined && domainOf(target) === domainOf(eventId)) return allow // 11.2
  return reject('11.3', `level ${level} cannot redact, which takes ${room.levels.redact}`)
}
