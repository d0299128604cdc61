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

const tables: Record<RoomVersionRules['redaction'], RedactionTable> = {
  v9: {
    topLevel: new Set([...keptOnTop, 'prev_state', 'origin', 'membership']),
    content: new Map<string, Content>([
      ['m.room.member', ['membership', 'join_authorised_via_users_server']],
      ['m.room.create', ['creator']],
      ['m.room.join_rules', ['join_rule', 'allow']],
      ['m.room.power_levels', keptLevels],
      ['m.room.history_visibility', ['history_visibility']],
    ]),
  },
  v11: {
    topLevel: new Set(keptOnTop),
    content: new Map<string, Content>([
      ['m.room.member', ['membership', 'join_authorised_via_users_server', 'third_party_invite']],
      ['m.room.create', 'all'],
      ['m.room.join_rules', ['join_rule', 'allow']],
      ['m.room.power_levels', [...keptLevels, 'invite']],
      ['m.room.history_visibility', ['history_visibility']],
      ['m.room.redaction', ['redacts']],
    ]),
  },
}

/**
 * What is left of an event after a redaction, which is also the part that its ID and signatures cover.
 *
 * Source: room versions 10 to 12, "Redactions".
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
