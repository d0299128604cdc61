import type { RoomEvent } from '../../events/pdu.ts'
import { own } from '../../json.ts'
import { powerLevels } from '../power-levels.ts'
import type { RoomVersionRules } from '../room-version.ts'
import { heap } from './heap.ts'
import { authEventAt, type EventSource } from './source.ts'

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
  start: Iterable<string>,
  inside: ReadonlySet<string>,
  source: EventSource,
): Set<string> {
  const found = new Set<string>()
  const open = [...start]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue
    found.add(id)
    for (const cited of source.authEventIds(id)) if (inside.has(cited)) open.push(cited)
  }
  return found
}

interface Ranked {
  event: RoomEvent
  level: number
}

/**
 * Sorts so that an event comes after its auth events; among those free to come next, the greater power of its sender
 * decides, then the earlier time, then the smaller ID.
 *
 * Source: room version 2, "State resolution", "Reverse topological power ordering": Kahn's algorithm.
 */
export function powerOrder(
  ids: ReadonlySet<string>,
  rules: RoomVersionRules,
  source: EventSource,
): RoomEvent[] {
  const waitingFor = new Map<string, number>()
  const citedBy = new Map<string, string[]>()
  for (const id of ids) {
    const cited = new Set(source.authEventIds(id).filter((authId) => ids.has(authId)))
    waitingFor.set(id, cited.size)
    for (const authId of cited) {
      const citing = citedBy.get(authId)
      if (citing) citing.push(id)
      else citedBy.set(authId, [id])
    }
  }
  const free = heap<Ranked>(compareRanked)
  const add = (id: string) => {
    const event = source.get(id)
    if (event) free.push({ event, level: senderLevel(event, rules, source) })
  }
  for (const [id, count] of waitingFor) if (count === 0) add(id)
  const ordered: RoomEvent[] = []
  for (let next = free.pop(); next; next = free.pop()) {
    ordered.push(next.event)
    for (const id of citedBy.get(next.event.eventId) ?? []) {
      const left = (waitingFor.get(id) as number) - 1
      waitingFor.set(id, left)
      if (left === 0) add(id)
    }
  }
  source.check()
  return ordered
}

function compareRanked(x: Ranked, y: Ranked): number {
  if (x.level !== y.level) return x.level > y.level ? -1 : 1
  return compareAge(x.event, y.event)
}

/** By time, then by ID. */
export function compareAge(x: RoomEvent, y: RoomEvent): number {
  const difference = x.pdu.origin_server_ts - y.pdu.origin_server_ts
  if (difference !== 0) return difference
  return x.eventId < y.eventId ? -1 : x.eventId > y.eventId ? 1 : 0
}

/** The power level of the sender by the event's own auth events. */
function senderLevel(event: RoomEvent, rules: RoomVersionRules, source: EventSource): number {
  const create = createOf(event, rules, source)
  if (!create) return 0
  const levels = authEventAt(event, ['m.room.power_levels', ''], source)
  return powerLevels(create, levels, rules).user(event.pdu.sender)
}

/** The create event that an event rests on: its room's, where the room ID names it, or that of its auth events. */
export function createOf(
  event: RoomEvent,
  rules: RoomVersionRules,
  source: EventSource,
): RoomEvent | undefined {
  if (event.pdu.type === 'm.room.create') return undefined
  if (rules.roomIdIsCreateHash) return source.get(`$${event.roomId.slice(1)}`)
  return authEventAt(event, ['m.room.create', ''], source)
}
