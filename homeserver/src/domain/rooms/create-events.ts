/** The first events of a room after its creation and its creator's join. */
import type { CreateRoomBody } from '@kith/spec/api/create-room'
import type { JsonObject } from '@kith/spec/json'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import type { EventDraft } from './prepare.ts'

interface Creation {
  creator: string
  options: CreateRoomBody
  rules: RoomVersionRules
  alias: string | undefined
}

type Preset = NonNullable<CreateRoomBody['preset']>

const presets: Record<Preset, { joinRule: string; guestAccess: string; invite: number }> = {
  private_chat: { joinRule: 'invite', guestAccess: 'can_join', invite: 0 },
  trusted_private_chat: { joinRule: 'invite', guestAccess: 'can_join', invite: 0 },
  public_chat: { joinRule: 'public', guestAccess: 'forbidden', invite: 50 },
}

function presetOf({ preset, visibility }: CreateRoomBody): Preset {
  return preset ?? (visibility === 'public' ? 'public_chat' : 'private_chat')
}

/** In the order that the specification gives. */
export function initialEvents(creation: Creation): EventDraft[] {
  const { options, alias } = creation
  const preset = presets[presetOf(options)]
  const entries: [type: string, content: JsonObject, stateKey?: string][] = [
    ['m.room.power_levels', powerLevelContent(creation)],
  ]
  if (alias !== undefined) entries.push(['m.room.canonical_alias', { alias }])
  entries.push(
    ['m.room.join_rules', { join_rule: preset.joinRule }],
    ['m.room.history_visibility', { history_visibility: 'shared' }],
    ['m.room.guest_access', { guest_access: preset.guestAccess }],
  )
  for (const { type, state_key: stateKey, content } of options.initial_state ?? []) {
    entries.push([type, content as JsonObject, stateKey])
  }
  if (options.name !== undefined) entries.push(['m.room.name', { name: options.name }])
  if (options.topic !== undefined) entries.push(['m.room.topic', topicContent(options.topic)])
  return withoutReplaced(entries).map(([type, content, stateKey = '']) => ({
    type,
    sender: creation.creator,
    stateKey,
    content,
  }))
}

/** What a later entry replaces need not be sent at all, but power levels that decide who may send the rest. */
function withoutReplaced(entries: [string, JsonObject, string?][]): [string, JsonObject, string?][] {
  const last = new Map(entries.map(([type, , key = ''], index) => [`${type}\0${key}`, index]))
  return entries.filter(
    ([type, , key = ''], index) => type === 'm.room.power_levels' || last.get(`${type}\0${key}`) === index,
  )
}

function topicContent(topic: string): JsonObject {
  return { topic, 'm.topic': { 'm.text': [{ body: topic, mimetype: 'text/plain' }] } }
}

/** The power levels of a room of whose options nothing is known. */
export function defaultLevels(creator: string, rules: RoomVersionRules): JsonObject {
  return powerLevelContent({ creator, options: {}, rules, alias: undefined })
}

function powerLevelContent({ creator, options, rules }: Creation): JsonObject {
  const preset = presetOf(options)
  const users: JsonObject = rules.privilegedCreators ? {} : { [creator]: 100 }
  if (preset === 'trusted_private_chat' && !rules.privilegedCreators) {
    for (const target of options.invite ?? []) users[target] = 100
  }
  return {
    users,
    users_default: 0,
    events: {
      'm.room.name': 50,
      'm.room.power_levels': 100,
      'm.room.history_visibility': 100,
      'm.room.canonical_alias': 50,
      'm.room.avatar': 50,
      'm.room.tombstone': rules.privilegedCreators ? 150 : 100,
      'm.room.server_acl': 100,
      'm.room.encryption': 100,
    },
    events_default: 0,
    state_default: 50,
    ban: 50,
    kick: 50,
    redact: 50,
    invite: presets[preset].invite,
    historical: 100,
    ...(options.power_level_content_override as JsonObject | undefined),
  }
}
