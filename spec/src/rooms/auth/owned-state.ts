import type { Pdu } from '../../events/pdu.ts'
import { isUserId } from '../../ids.ts'
import { utf8Length } from '../../json.ts'
import type { RoomView } from './auth-state.ts'
import type { Verdict } from './verdict.ts'

const maxSuffixBytes = 256
const maxUnownedBytes = 255

/** Rule 9: state under the ID of a user is that user's. Undefined where it lets the event pass. */
export function checkOwner(
  { sender, state_key: stateKey }: Pdu,
  room: RoomView,
  level: number,
): Verdict | undefined {
  if (stateKey === undefined || stateKey === sender) return undefined
  if (room.context.rules.ownedState) return checkOwned(stateKey, sender, { room, level })
  return stateKey.startsWith('@') ? room.reject('9', 'the state key is the ID of another user') : undefined
}

/**
 * The ID may be followed by `_` and any text, and users of higher levels may overwrite the state.
 *
 * Source: MSC3757, "Proposal", rule 8 there. That state keys may have 511 bytes is not in force: other servers end
 * them at 255, whatever the room.
 */
function checkOwned(
  stateKey: string,
  sender: string,
  { room, level }: { room: RoomView; level: number },
): Verdict | undefined {
  if (!stateKey.startsWith('@')) {
    return utf8Length(stateKey) > maxUnownedBytes
      ? room.reject('9.2', 'the state key is too long')
      : undefined
  }
  const owner = ownerOf(stateKey)
  if (!isUserId(owner)) return room.reject('9.1.1', 'the state key does not begin with a user ID')
  if (utf8Length(stateKey.slice(owner.length)) > maxSuffixBytes) {
    return room.reject('9.1.2', 'the state key goes on for too long after its user ID')
  }
  if (owner === sender || level > room.levels.user(owner)) return undefined
  return room.reject('9.1.3', `level ${level} cannot overwrite the state of ${owner}`)
}

/** What comes before the first `_` in the server name. */
function ownerOf(stateKey: string): string {
  const end = stateKey.indexOf('_', stateKey.indexOf(':') + 1)
  return stateKey.includes(':') && end >= 0 ? stateKey.slice(0, end) : stateKey
}
