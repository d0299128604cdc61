import { isObject, type Json, type JsonObject, own } from '../json.ts'
import type { RoomVersionRules } from '../rooms/room-version.ts'
import type { Pdu } from './pdu.ts'

type Content = readonly string[] | 'all'

interface RedactionTable {
  topLevel: ReadonlySet<string>
  /** By event type: the keys of `content` that survive. */
  content: ReadonlyMap<string, Content>
}

const keptOnTop = [
  'event_id',
  'type',
  'room_id',
  'sender',
  'state_key',
  'content',
  'hashes',
  'signatures',
  'depth',
  'prev_events',
  'auth_events',
  'origin_server_ts',
]

const keptLevels = [
  'ban',
  'events',
  'events_default',
  'kick',
  'redact',
  'state_default',
  'users',
  'users_default',
]

const keptBefore11 = [...keptOnTop, 'prev_state', 'origin', 'membership']

const contentBefore11: [type: string, keys: Content][] = [
  ['m.room.member', ['membership']],
  ['m.room.create', ['creator']],
  ['m.room.join_rules', ['join_rule']],
  ['m.room.power_levels', keptLevels],
  ['m.room.history_visibility', ['history_visibility']],
]

/** With the lists that a room version put in the place of those before it. */
function tableBefore11(...changed: [type: string, keys: Content][]): RedactionTable {
  return { topLevel: new Set(keptBefore11), content: new Map([...contentBefore11, ...changed]) }
}

const joinRulesOf8: [string, Content] = ['m.room.join_rules', ['join_rule', 'allow']]

const tables: Record<RoomVersionRules['redaction'], RedactionTable> = {
  v1: tableBefore11(['m.room.aliases', ['aliases']]),
  v6: tableBefore11(),
  v8: tableBefore11(joinRulesOf8),
  v9: tableBefore11(joinRulesOf8, ['m.room.member', ['membership', 'join_authorised_via_users_server']]),
  v11: {
    topLevel: new Set(keptOnTop),
    content: new Map<string, Content>([
      ['m.room.member', ['membership', 'join_authorised_via_users_server', 'third_party_invite']],
      ['m.room.create', 'all'],
      joinRulesOf8,
      ['m.room.power_levels', [...keptLevels, 'invite']],
      ['m.room.history_visibility', ['history_visibility']],
      ['m.room.redaction', ['redacts']],
    ]),
  },
}

/**
 * What is left of an event after a redaction, which is also the part that its ID and signatures cover.
 *
 * Source: room versions 1, 6, 8, 9 and 11, "Redactions".
 */
export function redact(pdu: Pdu, rules: RoomVersionRules): Pdu {
  const table = tables[rules.redaction]
  const kept: { [key: string]: Json | undefined } = {}
  for (const key of Object.keys(pdu)) {
    if (table.topLevel.has(key)) kept[key] = pdu[key]
  }
  return { ...kept, content: redactContent(pdu.content, table.content.get(pdu.type) ?? []) } as Pdu
}

function redactContent(content: JsonObject, keys: Content): JsonObject {
  if (keys === 'all') return content
  const kept: JsonObject = {}
  for (const key of keys) {
    const value = own(content, key)
    if (value === undefined) continue
    if (key !== 'third_party_invite') kept[key] = value
    else if (isObject(value)) kept[key] = redactContent(value, ['signed'])
  }
  return kept
}

/** The event that a redaction names, where its room version puts it; undefined when it names none. */
export function redactionTarget(pdu: Pdu, rules: RoomVersionRules): string | undefined {
  if (pdu.type !== 'm.room.redaction') return undefined
  const target: Json | undefined = rules.redactsInContent ? own(pdu.content, 'redacts') : pdu.redacts
  return typeof target === 'string' ? target : undefined
}
