import type { Pdu } from '../../events/pdu.ts'
import { isUserId } from '../../ids.ts'
import { isObject, type Json, type JsonObject, own } from '../../json.ts'
import { creatorsOf } from '../power-levels.ts'
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
  const bad = levelNames.find((name) => Object.hasOwn(content, name) && !isLevel(content[name]))
  if (bad) return room.reject('10.1', `${bad} is not an integer`)
  const badMap = entryMaps.find((name) => Object.hasOwn(content, name) && !isLevelMap(content[name]))
  if (badMap) return room.reject('10.2', `${badMap} is not an object of integers`)
  const users = Object.hasOwn(content, 'users') ? content.users : {}
  if (!isLevelMap(users) || !Object.keys(users).every(isUserId)) {
    return room.reject('10.3', 'users is not an object of integers by user ID')
  }
  if (!room.context.rules.privilegedCreators) return undefined
  const creator = creatorsOf(room.create, room.context.rules).find((id) => Object.hasOwn(users, id))
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
  for (const name of levelNames) {
    const [old, next] = [levelAt(before, name), levelAt(after, name)]
    if (old === next) continue
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
  for (const map of entryMaps) {
    for (const { name, old, next } of changesOf(before, after, map)) {
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
  for (const { name, old, next } of changesOf(before, after, 'users')) {
    if (name !== sender && old !== undefined && old >= level) {
      return room.reject('10.9.1', `level ${level} cannot change the level of ${name}, ${old}`)
    }
    if (next !== undefined && next > level) {
      return room.reject('10.10.1', `level ${level} cannot give ${name} level ${next}`)
    }
  }
  return undefined
}

/** The entries that were added, changed or removed. */
function* changesOf(before: JsonObject, after: JsonObject, map: string) {
  const [oldMap, newMap] = [mapAt(before, map), mapAt(after, map)]
  for (const name of new Set([...Object.keys(oldMap), ...Object.keys(newMap)])) {
    const [old, next] = [levelAt(oldMap, name), levelAt(newMap, name)]
    if (old !== next) yield { name, old, next }
  }
}

function mapAt(content: JsonObject, name: string): JsonObject {
  const map = own(content, name)
  return isObject(map) ? map : {}
}

function levelAt(content: JsonObject, name: string): number | undefined {
  const value = own(content, name)
  return isLevel(value) ? value : undefined
}

function isLevel(value: Json | undefined): value is number {
  return Number.isSafeInteger(value)
}

function isLevelMap(value: Json | undefined): value is JsonObject {
  return isObject(value) && Object.values(value).every(isLevel)
}
