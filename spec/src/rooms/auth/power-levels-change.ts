import type { Pdu } from '../../events/pdu.ts'
import { isUserId } from '../../ids.ts'
import { isObject, type Json, type JsonObject, own } from '../../json.ts'
import { isLevel, levelOf, unreadable } from '../power-level-value.ts'
import { creatorsOf } from '../power-levels.ts'
import type { RoomVersionRules } from '../room-version.ts'
import type { RoomView } from './auth-state.ts'
import { allow, type Verdict } from './verdict.ts'

const levelNames = ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite']
const entryMaps = ['events', 'notifications']

/** Rule 10: first the form of the new content, then each change against what the sender may do. */
export function checkPowerLevels(pdu: Pdu, room: RoomView): Verdict {
  const malformed = checkForm(pdu.content, room)
  if (malformed) return malformed
  if (!room.current) return allow // 10.5
  const change = { before: room.current.pdu.content, after: pdu.content, sender: pdu.sender }
  return checkLevels(change, room) ?? checkEntries(change, room) ?? checkUsers(change, room) ?? allow
}

/** Rules 10.1 to 10.4. */
function checkForm(content: JsonObject, room: RoomView): Verdict | undefined {
  const { rules } = room.context
  if (rules.integerPowerLevels) {
    const bad = levelNames.find((name) => Object.hasOwn(content, name) && !isLevel(content[name], rules))
    if (bad) return room.reject('10.1', `${bad} is not an integer`)
    const badMap = entryMaps.find((name) => Object.hasOwn(content, name) && !isLevelMap(content[name], rules))
    if (badMap) return room.reject('10.2', `${badMap} is not an object of integers`)
  }
  const users = Object.hasOwn(content, 'users') ? content.users : {}
  if (!isLevelMap(users, rules) || !Object.keys(users).every(isUserId)) {
    return room.reject('10.3', 'users is not an object of integers by user ID')
  }
  if (!rules.privilegedCreators) return undefined
  const creator = creatorsOf(room.create, rules).find((id) => Object.hasOwn(users, id))
  return creator ? room.reject('10.4', `${creator} is a creator and cannot be given a level`) : undefined
}

interface LevelsChange {
  before: JsonObject
  after: JsonObject
  sender: string
}

/** Rule 10.6. */
function checkLevels({ before, after, sender }: LevelsChange, room: RoomView): Verdict | undefined {
  const level = room.levels.user(sender)
  for (const { name, old, next } of changesAmong(levelNames, { before, after }, room.context.rules)) {
    if (old !== undefined && old > level) return room.reject('10.6.1', `level ${level} cannot change ${name}`)
    if (next !== undefined && next > level) {
      return room.reject('10.6.2', `level ${level} cannot set ${name} to ${next}`)
    }
  }
  return undefined
}

/** Rules 10.7 and 10.8. */
function checkEntries({ before, after, sender }: LevelsChange, room: RoomView): Verdict | undefined {
  const level = room.levels.user(sender)
  for (const map of room.context.rules.notificationLevels ? entryMaps : ['events']) {
    if (isNoMap(before, map, room)) return room.reject('10.7.1', `${map} cannot be read`)
    if (isNoMap(after, map, room)) return room.reject('10.8.1', `${map} is not an object`)
    for (const { name, old, next } of changesOf(before, after, { map, room })) {
      if (old !== undefined && old > level) {
        return room.reject('10.7.1', `level ${level} cannot change ${name} in ${map}`)
      }
      if (next !== undefined && next > level) {
        return room.reject('10.8.1', `level ${level} cannot set ${name} in ${map} to ${next}`)
      }
    }
  }
  return undefined
}

/** Rules 10.9 and 10.10. */
function checkUsers({ before, after, sender }: LevelsChange, room: RoomView): Verdict | undefined {
  const level = room.levels.user(sender)
  for (const { name, old, next } of changesOf(before, after, { map: 'users', room })) {
    if (name !== sender && old !== undefined && old >= level) {
      return room.reject('10.9.1', `level ${level} cannot change the level of ${name}, ${old}`)
    }
    if (next !== undefined && next > level) {
      return room.reject('10.10.1', `level ${level} cannot give ${name} level ${next}`)
    }
  }
  return undefined
}

/** The entries of a map that were added, changed or removed. */
function changesOf(
  before: JsonObject,
  after: JsonObject,
  { map, room }: { map: string; room: RoomView },
): Iterable<LevelChange> {
  const maps = { before: mapAt(before, map), after: mapAt(after, map) }
  const names = new Set([...Object.keys(maps.before), ...Object.keys(maps.after)])
  return changesAmong(names, maps, room.context.rules)
}

interface LevelChange {
  name: string
  old: number | undefined
  next: number | undefined
}

/** What cannot be read counts as changed, so that it stands in the way wherever it is. */
function* changesAmong(
  names: Iterable<string>,
  { before, after }: { before: JsonObject; after: JsonObject },
  rules: RoomVersionRules,
): Iterable<LevelChange> {
  for (const name of names) {
    const [old, next] = [levelOf(own(before, name), rules), levelOf(own(after, name), rules)]
    if (old !== next || old === unreadable) yield { name, old, next }
  }
}

function mapAt(content: JsonObject, name: string): JsonObject {
  const map = own(content, name)
  return isObject(map) ? map : {}
}

/** Only where levels need not be integers; else such content is refused, and never becomes the state. */
function isNoMap(content: JsonObject, name: string, { context: { rules } }: RoomView): boolean {
  return !rules.integerPowerLevels && Object.hasOwn(content, name) && !isObject(content[name])
}

function isLevelMap(value: Json | undefined, rules: RoomVersionRules): value is JsonObject {
  return isObject(value) && Object.values(value).every((level) => isLevel(level, rules))
}
