import type { RoomEvent } from '../../events/pdu.ts'
import { own } from '../../json.ts'
import { knownPowerLevels } from '../known-power-levels.ts'
import type { RoomVersionRules } from '../room-version.ts'
import { heap } from './heap.ts'
import { type NumberedEvents, none } from './numbered-events.ts'

/**
 * Whether an event might take somebody's ability to do something away.
 *
 * Source: room version 2, "State resolution", "Power events".
 */
export function isPowerEvent({ pdu }: RoomEvent): boolean {
  if (pdu.type === 'm.room.power_levels' || pdu.type === 'm.room.join_rules') return pdu.state_key === ''
  if (pdu.type !== 'm.room.member' || pdu.sender === pdu.state_key) return false
  const membership = own(pdu.content, 'membership')
  return membership === 'leave' || membership === 'ban'
}

/**
 * These events and those they lead to by auth events, without leaving the full conflicted set.
 *
 * The specification takes all of a power event's auth chain that is in the set, however it is reached ("State
 * resolution", "Algorithm", 1). Synapse never walks through an event that is outside of it, and the servers of a room
 * must come to one state: so neither do we. It differs where a shared entry cites what is conflicted.
 */
export function withChainsInside(
  events: NumberedEvents,
  start: readonly number[],
  isInside: Uint8Array,
): number[] {
  const isFound = new Uint8Array(isInside.length)
  const found: number[] = []
  const add = (number: number) => {
    if (isFound[number]) return
    isFound[number] = 1
    found.push(number)
  }
  for (const number of start) add(number)
  for (const number of found) for (const named of events.authEvents(number)) if (isInside[named]) add(named)
  return found
}

/**
 * Sorts so that an event comes after its auth events; among those free to come next, the greater power of its sender
 * decides, then the earlier time, then the smaller ID.
 *
 * Source: room version 2, "State resolution", "Reverse topological power ordering": Kahn's algorithm.
 */
export function powerOrder(
  events: NumberedEvents,
  numbers: readonly number[],
  rules: RoomVersionRules,
): number[] {
  const levels = new Float64Array(events.size)
  for (const number of numbers) levels[number] = senderLevel(events, number, rules)
  const { waitingFor, namedBy } = edgesAmong(events, numbers)
  const free = heap<number>(
    (x, y) => compareLevels(levels[x] as number, levels[y] as number) || compareAge(events, x, y),
  )
  for (const number of numbers) if (waitingFor[number] === 0) free.push(number)
  const ordered: number[] = []
  for (let next = free.pop(); next !== undefined; next = free.pop()) {
    ordered.push(next)
    for (const number of namedBy[next] ?? []) {
      const left = (waitingFor[number] as number) - 1
      waitingFor[number] = left
      if (left === 0) free.push(number)
    }
  }
  events.check()
  return ordered
}

/** Per event, by number, how many of the others it names, and which of them name it. */
function edgesAmong(events: NumberedEvents, numbers: readonly number[]) {
  const isAmong = new Uint8Array(events.size)
  const waitingFor = new Int32Array(events.size)
  const namedBy: (number[] | undefined)[] = new Array(events.size)
  for (const number of numbers) {
    isAmong[number] = 1
    namedBy[number] = []
  }
  for (const number of numbers) {
    for (const named of new Set(events.authEvents(number))) {
      if (!isAmong[named]) continue
      waitingFor[number] = (waitingFor[number] as number) + 1
      namedBy[named]?.push(number)
    }
  }
  return { waitingFor, namedBy }
}

const compareLevels = (x: number, y: number) => (x === y ? 0 : x > y ? -1 : 1)

/** By time, then by ID. */
export function compareAge(events: NumberedEvents, x: number, y: number): number {
  const difference = events.time(x) - events.time(y)
  if (difference !== 0) return difference
  const [xId, yId] = [events.id(x), events.id(y)]
  return xId < yId ? -1 : xId > yId ? 1 : 0
}

/** The power level of the sender by the event's own auth events. */
function senderLevel(events: NumberedEvents, number: number, rules: RoomVersionRules): number {
  const event = events.event(number)
  const create = events.event(createOf(events, number, rules))
  if (!event || !create) return 0
  const current = events.event(events.authEventAt(number, events.levelsKey))
  return knownPowerLevels(create, current, rules).user(event.pdu.sender)
}

/** The create event that an event rests on: its room's, where the room ID names it, or that of its auth events. */
export function createOf(events: NumberedEvents, number: number, rules: RoomVersionRules): number {
  const event = events.event(number)
  if (!event || event.pdu.type === 'm.room.create') return none
  if (rules.roomIdIsCreateHash) return events.createOfRoom(event.roomId)
  return events.authEventAt(number, events.createKey)
}
