import type { Crypto } from '../../crypto.ts'
import type { Pdu, RoomEvent } from '../../events/pdu.ts'
import { own } from '../../json.ts'
import { knownPowerLevels } from '../known-power-levels.ts'
import type { PowerLevels } from '../power-levels.ts'
import type { RoomVersionRules } from '../room-version.ts'
import { stateKeyOf } from '../state-key.ts'
import { reject, ruleNumber, type Verdict } from './verdict.ts'

/** The state an event is judged by: at the event, in its auth events, or the room's current one. */
export interface AuthState {
  get(type: string, stateKey: string): RoomEvent | undefined
}

export interface AuthContext {
  rules: RoomVersionRules
  crypto: Crypto
}

/** A state made of these events. Where two have the same key, the later one counts. */
export function authStateOf(events: Iterable<RoomEvent>): AuthState {
  const byKey = new Map<string, RoomEvent>()
  for (const event of events) {
    const { type, state_key: stateKey } = event.pdu
    if (stateKey !== undefined) byKey.set(stateKeyOf(type, stateKey), event)
  }
  return { get: (type, stateKey) => byKey.get(stateKeyOf(type, stateKey)) }
}

/** A change of membership, with the user it is about. */
export interface MemberChange {
  pdu: Pdu
  target: string
}

/** What the rules ask of a state, in their own words. */
export interface RoomView {
  create: RoomEvent
  current: RoomEvent | undefined
  levels: PowerLevels
  joinRule: string
  /** `leave` for somebody who was never there. */
  membership(userId: string): string
  get(type: string, stateKey: string): RoomEvent | undefined
  reject(rule: string, reason: string): Verdict
  context: AuthContext
}

export function roomView(create: RoomEvent, state: AuthState, context: AuthContext): RoomView {
  const current = state.get('m.room.power_levels', '')
  return {
    create,
    current,
    levels: knownPowerLevels(create, current, context.rules),
    joinRule: joinRuleOf(state.get('m.room.join_rules', '')),
    membership: (userId) => textOf(state.get('m.room.member', userId), 'membership') ?? 'leave',
    get: (type, stateKey) => state.get(type, stateKey),
    reject: (rule, reason) => reject(ruleNumber(rule, context.rules), reason),
    context,
  }
}

/** A rule that is no text is none of those that let somebody in. */
function joinRuleOf(event: RoomEvent | undefined): string {
  const isGiven = event !== undefined && Object.hasOwn(event.pdu.content, 'join_rule')
  return isGiven ? (textOf(event, 'join_rule') ?? '') : 'invite'
}

function textOf(event: RoomEvent | undefined, key: string): string | undefined {
  const value = event && own(event.pdu.content, key)
  return typeof value === 'string' ? value : undefined
}
