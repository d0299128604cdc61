import type { Pdu, RoomEvent } from '../../events/pdu.ts'
import { authEventIds } from '../../events/references.ts'
import { isObject, own } from '../../json.ts'
import type { RoomVersionRules } from '../room-version.ts'
import { allow, reject, ruleNumber, type Verdict } from './verdict.ts'

/**
 * The keys of the state that an event names as its `auth_events`, in so far as the room has them.
 *
 * Source: server-server API, "Auth events selection".
 */
export function authStateKeys(
  draft: Pick<Pdu, 'type' | 'sender' | 'state_key' | 'content'>,
  rules: RoomVersionRules,
): [type: string, stateKey: string][] {
  if (draft.type === 'm.room.create') return []
  const keys: [string, string][] = []
  if (rules.createInAuthEvents) keys.push(['m.room.create', ''])
  keys.push(['m.room.power_levels', ''], ['m.room.member', draft.sender])
  if (draft.type === 'm.room.member') keys.push(...memberKeys(draft, rules))
  return keys
}

function memberKeys(
  { sender, state_key: target, content }: Pick<Pdu, 'sender' | 'state_key' | 'content'>,
  rules: RoomVersionRules,
) {
  const keys: [string, string][] = []
  const members = new Set([sender])
  const add = (userId: string) => {
    if (!members.has(userId)) keys.push(['m.room.member', userId])
    members.add(userId)
  }
  const membership = own(content, 'membership')
  if (target !== undefined) add(target)
  if (membership === 'join' || membership === 'invite' || membership === 'knock') {
    keys.push(['m.room.join_rules', ''])
  }
  const token = membership === 'invite' ? thirdPartyToken(content) : undefined
  if (token !== undefined) keys.push(['m.room.third_party_invite', token])
  const voucher = rules.restrictedJoins ? own(content, 'join_authorised_via_users_server') : undefined
  if (membership === 'join' && typeof voucher === 'string') add(voucher)
  return keys
}

function thirdPartyToken(content: Pdu['content']): string | undefined {
  const invite = own(content, 'third_party_invite')
  const signed = isObject(invite) ? own(invite, 'signed') : undefined
  const token = isObject(signed) ? own(signed, 'token') : undefined
  return typeof token === 'string' ? token : undefined
}

/**
 * Judges the list of auth events by itself. That the event passes by the state they make is for `authorize`.
 *
 * @param authEvents the events that `event` names, all of them; none of them rejected, which is rule 3.3
 * Source: room version 12, authorization rule 3; those before it, rule 2.
 */
export function authorizeAuthEvents(
  event: RoomEvent,
  authEvents: readonly RoomEvent[],
  rules: RoomVersionRules,
): Verdict {
  if (event.pdu.type === 'm.room.create') return allow
  const no = (rule: string, reason: string) => reject(ruleNumber(rule, rules), reason)
  const nameOf = (type: string, stateKey: string | undefined) => JSON.stringify([type, stateKey])
  const names = authEvents.map(({ pdu }) => nameOf(pdu.type, pdu.state_key))
  const isTwice = (list: readonly string[]) => new Set(list).size < list.length
  if (isTwice(authEventIds(event.pdu)) || isTwice(names)) {
    return no('3.1', 'two auth events have the same type and state key')
  }

  const selected = new Set(authStateKeys(event.pdu, rules).map(([type, key]) => nameOf(type, key)))
  const odd = names.find((name) => !selected.has(name))
  if (odd) return no('3.2', `${odd} does not authorize this event`)

  if (rules.createInAuthEvents && !authEvents.some(({ pdu }) => pdu.type === 'm.room.create')) {
    return no('3.4', 'no auth event is the create event')
  }
  const stranger = authEvents.find(({ roomId }) => roomId !== event.roomId)
  if (stranger) return no('3.5', `the auth event ${stranger.eventId} belongs to another room`)
  return allow
}
