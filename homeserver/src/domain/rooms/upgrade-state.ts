/** What a new room takes over from the one that it replaces, and what stays. */
import { canonicalJson } from '@kith/spec/canonical-json'
import { MatrixError } from '@kith/spec/errors'
import { isUserId } from '@kith/spec/ids'
import { isObject, type Json, type JsonObject, own } from '@kith/spec/json'
import { levelOf } from '@kith/spec/rooms/power-level-value'
import { creatorsOf } from '@kith/spec/rooms/power-levels'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import type { StoredEvent } from '../../storage/stored-event.ts'
import { defaultLevels } from './create-events.ts'
import type { Head } from './head.ts'
import { joinRuleIn } from './join-rules.ts'
import type { PartialState } from './state-reader.ts'

/** Source: client-server API, "Room Upgrades", "Server behaviour", 3. */
export const transferable = [
  'm.room.server_acl',
  'm.room.encryption',
  'm.room.name',
  'm.room.avatar',
  'm.room.topic',
  'm.room.guest_access',
  'm.room.history_visibility',
  'm.room.join_rules',
  'm.room.power_levels',
]

/** A room as it is when its upgrade begins. */
export interface OldRoom {
  head: Head
  state: PartialState
}

interface NewRules {
  rules: RoomVersionRules
  /** Of the new room. */
  creators: readonly string[]
  /** Local ones, which will lead to the new room. */
  aliases: readonly string[]
}

/**
 * The state of the new room. Its power levels come last: until then its creator may send all the others, whatever
 * his level.
 */
export function transferredState(
  old: OldRoom,
  { rules, creators, aliases }: NewRules,
): [type: string, content: JsonObject][] {
  const contentOf = (type: string) => old.state.get(type, '')?.pdu.content
  const entries: [string, JsonObject][] = []
  for (const type of transferable) {
    const content = contentOf(type)
    if (!content || type === 'm.room.power_levels' || !isCanonical(content)) continue
    entries.push([type, type === 'm.room.join_rules' ? joinRuleContent(content, rules) : content])
  }
  const { moved } = splitAliases(contentOf('m.room.canonical_alias') ?? {}, aliases)
  if (moved && isCanonical(moved)) entries.push(['m.room.canonical_alias', moved])
  entries.push(['m.room.power_levels', transferredLevels(old, { rules, creators })])
  return entries
}

/** Old rooms may hold numbers that newer ones refuse. */
function isCanonical(content: JsonObject): boolean {
  try {
    canonicalJson(content, { strict: true })
    return true
  } catch (error) {
    if (error instanceof MatrixError) return false
    throw error
  }
}

function joinRuleContent(content: JsonObject, rules: RoomVersionRules): JsonObject {
  const { join_rule: rule, allow, ...more } = content
  if (typeof rule !== 'string') return content
  const known = joinRuleIn(rule, rules)
  return known === rule || known === 'restricted'
    ? { ...content, join_rule: known }
    : { ...more, join_rule: known }
}

/**
 * Where creators stand above all levels they must have none. Where they don't, those of a room where they did are given
 * the highest that anything in the room takes.
 */
function transferredLevels(
  { head, state }: OldRoom,
  { rules, creators }: Pick<NewRules, 'rules' | 'creators'>,
): JsonObject {
  const held = state.get('m.room.power_levels', '')?.pdu.content
  const content = held ? readableLevels(held, head.rules) : defaultLevels(creators[0] as string, rules)
  const users = new Map(Object.entries(isObject(content.users) ? content.users : {}))
  const create = state.get('m.room.create', '') as StoredEvent
  if (rules.privilegedCreators) for (const creator of creators) users.delete(creator)
  else if (head.rules.privilegedCreators) {
    for (const creator of creatorsOf(create, head.rules)) users.set(creator, highest(content))
  }
  return { ...content, users: Object.fromEntries(users) }
}

const levelNames = ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite']
const levelMaps = ['events', 'notifications', 'users']

/** Levels as integers, which every room version takes. What nobody can read is left out. */
function readableLevels(content: JsonObject, rules: RoomVersionRules): JsonObject {
  const known = new Set([...levelNames, ...levelMaps])
  const levels = Object.entries(content).filter(([key, value]) => !known.has(key) && isCanonical({ value }))
  for (const name of levelNames) {
    const level = readable(own(content, name), rules)
    if (level !== undefined) levels.push([name, level])
  }
  for (const name of levelMaps) {
    const entries = own(content, name)
    if (!isObject(entries)) continue
    const read = Object.entries(entries).flatMap(([key, value]): [string, number][] => {
      const level = readable(value, rules)
      return level === undefined || (name === 'users' && !isUserId(key)) ? [] : [[key, level]]
    })
    levels.push([name, Object.fromEntries(read)])
  }
  return Object.fromEntries(levels)
}

function readable(value: Json | undefined, rules: RoomVersionRules): number | undefined {
  const level = levelOf(value ?? undefined, rules)
  return Number.isSafeInteger(level) ? level : undefined
}

function highest(content: JsonObject): number {
  const levels = [
    ...levelNames.map((name) => content[name]),
    ...levelMaps.flatMap((name) => Object.values(content[name] ?? {})),
  ]
  return Math.max(100, ...levels.filter((level) => typeof level === 'number'))
}

/** The levels of a room in which nobody is to go on. Source: client-server API, "Room Upgrades", "Server behaviour", 6. */
export function closedLevels(content: JsonObject, rules: RoomVersionRules): JsonObject {
  const level = (name: string) => readable(own(content, name), rules) ?? 0
  const least = Math.max(50, level('users_default') + 1)
  return {
    ...content,
    events_default: Math.max(least, level('events_default')),
    invite: Math.max(least, level('invite')),
  }
}

/**
 * A canonical alias in two: for the aliases that move to the new room, and for those that stay.
 *
 * @returns no `moved` where none of them moves
 */
export function splitAliases(
  { alias, alt_aliases: more, ...other }: JsonObject,
  moving: readonly string[],
): { moved?: JsonObject; left: JsonObject } {
  const moves = (name: Json | undefined) => typeof name === 'string' && moving.includes(name)
  const names = Array.isArray(more) ? more : []
  const part = (isPart: (name: Json | undefined) => boolean): JsonObject => ({
    ...(alias !== undefined && isPart(alias) ? { alias } : {}),
    ...(names.some(isPart) ? { alt_aliases: names.filter(isPart) } : {}),
  })
  const left = { ...other, ...part((name) => !moves(name)) }
  return moves(alias) || names.some(moves) ? { moved: part(moves), left } : { left }
}
