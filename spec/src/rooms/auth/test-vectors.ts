import { readFileSync } from 'node:fs'
import type { RoomEvent } from '../../events/pdu.ts'
import { exactNumber } from '../../exact-number.ts'
import { isObject, type JsonObject } from '../../json.ts'
import type { RoomVersionRules } from '../room-version.ts'
import { alice, type EventInput, type TestRoom } from '../test-room.ts'
import type { Held } from '../test-versions.ts'
import { ruleNumber } from './verdict.ts'

interface StateInput {
  /** More content of the create event; null for a state without one. */
  create?: JsonObject | null
  members?: Record<string, string | null>
  joinRule?: string | null
  levels?: JsonObject | null
  thirdPartyInvite?: { sender: string; content: JsonObject }
}

interface RuleVector extends Held {
  /** Counted as version 12 does. */
  rule: string
  /** The rule is none of version 12, and counted as its versions do. */
  own?: boolean
  name: string
  allowed: boolean
  /** The rule that refuses where it is not the one in question. */
  fails?: string
}

/** An event that is judged by a state. */
export interface StateVector extends RuleVector {
  state: StateInput
  event: EventInput
  drop?: string[]
  literal?: boolean
}

/** An event, a message of bob unless said otherwise, that names events as its auth events, the create event first. */
export interface ListVector extends RuleVector {
  named: (EventInput & { elsewhere?: boolean })[]
  withoutCreate?: boolean
  event?: EventInput
}

/** The numbers of the rules that the text of some room versions has, by what they do. */
export type RulesOfText = Held & Partial<Record<RuleKind, string[]>>
export type RuleKind = 'reject' | 'allow' | 'decide' | 'names' | 'otherwise allow' | 'otherwise reject'

const folder = new URL('../../../vectors/auth/', import.meta.url)
const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'), (_key, value) =>
    typeof value === 'number' ? exactNumber(String(value)) : value,
  )

const groups = ['create', 'aliases', 'room', 'membership', 'owned-state', 'power-levels', 'redaction']
export const stateVectors: readonly StateVector[] = groups.flatMap(read)
export const listVectors: readonly ListVector[] = read('auth-events')
export const rulesOfTexts: readonly RulesOfText[] = read('rules')

/** The number of the rule in question, and of the one that refuses, in the text of a room version. */
export function ruleOf(vector: RuleVector, rules: RoomVersionRules): string {
  return numberOf(vector.rule, vector, rules)
}

export function refusingRuleOf(vector: RuleVector, rules: RoomVersionRules): string {
  return numberOf(vector.fails ?? vector.rule, vector, rules)
}

function numberOf(rule: string, { own }: RuleVector, rules: RoomVersionRules): string {
  return own || rule.startsWith('1.') ? rule : ruleNumber(rule, rules)
}

/** Alice made the room and is in it, the moderator has level 50, bob none. Rooms that privilege her list no level for her. */
export function stateOf(room: TestRoom, input: StateInput): RoomEvent[] {
  const members = { [alice]: 'join', '@mod:a.test': 'join', '@bob:b.test': 'join', ...input.members }
  const state = input.create === null ? [] : [room.create]
  for (const [userId, membership] of Object.entries(members)) {
    if (membership !== null) {
      state.push(
        room.event({ type: 'm.room.member', sender: userId, state_key: userId, content: { membership } }),
      )
    }
  }
  const add = (type: string, content: JsonObject) => state.push(room.event({ type, state_key: '', content }))
  if (input.joinRule !== null) add('m.room.join_rules', { join_rule: input.joinRule ?? 'invite' })
  if (input.levels !== null) {
    const levels = input.levels ?? { users: { '@mod:a.test': 50 } }
    const users = isObject(levels.users) ? levels.users : {}
    add(
      'm.room.power_levels',
      room.rules.privilegedCreators ? levels : { ...levels, users: { [alice]: 100, ...users } },
    )
  }
  const invite = input.thirdPartyInvite
  if (invite) state.push(room.event({ type: 'm.room.third_party_invite', state_key: 'token', ...invite }))
  return state
}

export function eventOf(room: TestRoom, { event, literal, drop = [] }: StateVector): RoomEvent {
  if (event.type === 'm.room.create') {
    const content = { ...room.create.pdu.content, ...event.content }
    for (const key of drop) delete content[key]
    return room.event({ ...event, content, room_id: event.room_id ?? room.create.pdu.room_id })
  }
  const content = { ...event.content }
  if (
    room.rules.privilegedCreators &&
    !literal &&
    event.type === 'm.room.power_levels' &&
    isObject(content.users)
  ) {
    const { [alice]: _, ...others } = content.users
    content.users = others
  }
  const prev_events = event.prev_events?.map((id) => (id === '$create' ? room.create.eventId : id))
  return room.event({ ...event, content, ...(prev_events && { prev_events }) })
}
