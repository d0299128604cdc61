import type { Json, JsonObject } from '@kith/spec/json'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import type { Chance } from './chance.ts'
import { isRaw, oddPlainValue, oddValue, raw } from './odd-values.ts'
import { alice, bob, dave, users } from './people.ts'

/** Levels as old rooms have them, which can be read. */
const oldLevels = [
  '50',
  '0',
  '-1',
  ' 25 ',
  '\t+75',
  '050',
  raw('50.5'),
  raw('99.9'),
  raw('-0.5'),
  raw('1e1'),
  raw('75.0'),
]
/** No room takes up an event that has this number. */
const beyondDoubles = raw('1e400')
/** Levels that some implementation or none reads as a number. */
const noLevels: readonly Json[] = ['1_0', '', 'x', '0x10', '5.5', '１', beyondDoubles, null, true, [], {}]

const levelNames = ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite']
const eventTypes = [
  'm.room.topic',
  'm.room.power_levels',
  'm.room.message',
  'm.room.redaction',
  'm.room.third_party_invite',
]
const noUsers = ['bob', '@bob', '@bob:', '@b\u0000:a.test', '__proto__']

interface Levels {
  /** A level, now and then one that is none. */
  any(): Json
  /** A level that can be read. */
  readable(): Json
  oddity: number
}

/** @param isNew whether they are yet to be judged, so that they may be odd in rooms that bear nothing odd */
export function levelsContent(
  random: Chance,
  rules: RoomVersionRules,
  { isNew }: { isNew: boolean },
): JsonObject {
  const levels = levelsOf(random, rules, isNew)
  const content: JsonObject = {}
  for (const name of random.some(levelNames, 0.4)) content[name] = levels.any()
  if (random.is(0.9)) content.users = usersMap(random, rules, { isNew, levels })
  const map = (keys: readonly string[]) =>
    Object.fromEntries(random.some(keys, 0.5).map((key) => [key, levels.any()]))
  if (random.is(0.6)) content.events = map(eventTypes)
  if (random.is(0.4)) content.notifications = map(['room', 'x'])
  const odd = isNew ? oddValue(random) : oddPlainValue(random)
  if (random.is(levels.oddity))
    content[random.pick(['events', 'notifications', isNew ? 'users' : 'events'])] = odd
  return content
}

function levelsOf(random: Chance, rules: RoomVersionRules, isNew: boolean): Levels {
  const areOld = isNew || !rules.integerPowerLevels
  const oldness = areOld && random.is(0.5) ? 0.3 : 0
  const oddity = areOld && random.is(0.1) ? 0.1 : 0
  const isPlain = !isNew && rules.strictJson
  const bearable = (level: Json) =>
    (isPlain && isRaw(level)) || (!isNew && level === beyondDoubles) ? ' 75 ' : level
  const readable = (): Json =>
    random.is(oldness)
      ? bearable(random.pick(oldLevels as [string, ...string[]]))
      : random.pick([0, 25, 50, 50, 75, 100, -1])
  const any = () => (random.is(oddity) ? bearable(random.pick(noLevels as [Json, ...Json[]])) : readable())
  return { any, readable, oddity }
}

/** Those of a state can be read, else it would not be there. */
function usersMap(
  random: Chance,
  rules: RoomVersionRules,
  { isNew, levels }: { isNew: boolean; levels: Levels },
): JsonObject {
  const creators = rules.privilegedCreators && !(isNew && random.is(0.1)) ? [alice, bob, dave] : []
  const listed = random.some(
    users.filter((user) => !creators.includes(user)),
    0.6,
  )
  const levelFor = (user: string) =>
    user === alice && random.is(0.8) ? 100 : isNew ? levels.any() : levels.readable()
  const entries = listed.map((user): [string, Json] => [user, levelFor(user)])
  if (isNew && random.is(0.05)) entries.push([random.pick(noUsers as [string, ...string[]]), 5])
  return Object.fromEntries(entries)
}
