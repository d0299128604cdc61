import type { Json, JsonObject } from '@kith/spec/json'
import type { Chance } from './chance.ts'

/** A number or key that only a text of JSON can hold, to be put into it by `textOf`. */
const rawMark = 'raw:'

export const raw = (token: string): string => rawMark + token

/** The text of an event, raw tokens in their places. */
export function textOf(value: object): string {
  return JSON.stringify(value).replace(/"raw:([^"]*)"/g, '$1')
}

const numbers = [
  '1.0',
  '1e2',
  '-0',
  '0.5',
  '9007199254740991',
  '9007199254740992',
  '-9007199254740992',
  '1E400',
]
const texts = [
  '',
  '@',
  '@:',
  'é',
  '\u0000',
  '\ud83d\ude00',
  '__proto__',
  'constructor',
  '@a:b:c',
  '50',
  '$x:a.test',
]

/** Anything but what belongs there. */
export function oddValue(random: Chance): Json {
  return random.weighted<Json>([
    [3, random.pick(texts as [string, ...string[]])],
    [2, random.pick([0, 1, -1, 50, 2 ** 31])],
    [1, raw(random.pick(numbers as [string, ...string[]]))],
    [1, null],
    [1, random.is(0.5)],
    [1, random.pick<Json>([[], [1], ['x'], [null]])],
    [2, random.pick<Json>([{}, { a: 1 }, JSON.parse('{"__proto__":1}')])],
  ])
}

/** An odd value that every room version's JSON can hold. */
export function oddPlainValue(random: Chance): Json {
  const value = oddValue(random)
  return isRaw(value) ? 7 : value
}

export const isRaw = (value: Json) => typeof value === 'string' && value.startsWith(rawMark)

const topLevel = [
  'type',
  'sender',
  'room_id',
  'state_key',
  'content',
  'origin_server_ts',
  'depth',
  'prev_events',
  'auth_events',
  'hashes',
  'signatures',
  'unsigned',
  'redacts',
  'event_id',
  'origin',
  'membership',
  'prev_state',
  '__proto__',
  'x',
] as const

/** Changes one thing somewhere in an event; the result may be no event at all. */
export function mutated(random: Chance, pdu: JsonObject): JsonObject {
  const copy: JsonObject = JSON.parse(JSON.stringify(pdu))
  if (random.is(0.5)) return change(random, copy, random.pick(topLevel))
  const content = copy.content
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return copy
  const keys = Object.keys(content)
  const key =
    keys.length > 0 && random.is(0.8) ? (keys[random.between(0, keys.length)] as string) : '__proto__'
  change(random, content, key)
  return copy
}

function change(random: Chance, object: JsonObject, key: string): JsonObject {
  if (random.is(0.3)) delete object[key]
  else
    Object.defineProperty(object, key, {
      value: oddValue(random),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  return object
}
