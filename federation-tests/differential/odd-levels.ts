import { isObject, type Json, type JsonObject } from '@kith/spec/json'

const names = ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite']
const maps = ['users', 'events', 'notifications']

/** All that stands where the content of power levels has levels; a map that is none stands for itself. */
export function levelsOf(content: JsonObject): Json[] {
  const present = (keys: readonly string[]) =>
    keys.filter((key) => Object.hasOwn(content, key)).map((key) => content[key] as Json)
  return [...present(names), ...present(maps).flatMap((map) => (isObject(map) ? Object.values(map) : [map]))]
}

const isText = (level: Json, pattern: RegExp) => typeof level === 'string' && pattern.test(level)

/** As the specification has them in room versions that bear more than integers. */
const isReadable = (level: Json) => typeof level === 'number' || isText(level, /^\s*[+-]?[0-9]+\s*$/)

export function isIntegerOfPython(level: Json): boolean {
  return typeof level === 'boolean' || (!isReadable(level) && isText(level, /^\s*[+-]?[\p{Nd}_]+\s*$/u))
}

export function isUnreadable(level: Json): boolean {
  return !isReadable(level) && !isIntegerOfPython(level)
}
