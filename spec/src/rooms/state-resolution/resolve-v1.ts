import type { RoomEvent } from '../../events/pdu.ts'
import { authorize } from '../auth/authorize.ts'
import { NumberedEvents, none } from './numbered-events.ts'
import { separate } from './separate.ts'
import { sha1 } from './sha1.ts'
import type { Conflict } from './source.ts'

/** The events in conflict under one key, with what they are ordered by. */
interface Contest {
  key: number
  /** The oldest first. */
  candidates: Candidate[]
}

interface Candidate {
  number: number
  event: RoomEvent
  hash: string
}

/**
 * State resolution of room version 1.
 *
 * What the text leaves open is as in other servers, since the servers of a room must come to one state: members are
 * judged by what was resolved before the first of them, and where no event of another type passes, the one of least
 * depth stays. Source: room version 1, "State resolution".
 */
export function resolveFirst(input: Conflict): RoomEvent[] {
  const events = new NumberedEvents(input)
  const { agreed, keys, forks } = separate(events, input.forks, { absenceDiffers: false })
  const contests = keys.map(
    (key, column): Contest => ({ key, candidates: candidatesOf(events, forks, column) }),
  )
  events.check()
  const held = new Map(agreed.map((number) => [events.key(number), number]))
  const judge = judgeBy(input, events, entriesOf(input, events, { keys, held }))
  const typed = (type: string) => contests.filter(({ key }) => events.keyName(key).type === type)
  const levels = contests.filter(({ key }) => key === events.levelsKey)
  for (const next of [levels, typed('m.room.join_rules'), typed('m.room.member')]) {
    const decided = next.map((contest) => [contest.key, lastAllowed(contest, judge)] as const)
    for (const [key, number] of decided) held.set(key, number)
  }
  const others = contests.filter(({ key }) => !held.has(key))
  for (const contest of others) held.set(contest.key, newestAllowed(contest, judge))
  events.check()
  return [...held.values()].map((number) => events.event(number)).filter((event) => event !== undefined)
}

/** By ascending depth, then descending SHA-1 of the event ID. */
function candidatesOf(events: NumberedEvents, forks: readonly Int32Array[], column: number): Candidate[] {
  const numbers = new Set(forks.map((fork) => fork[column] as number))
  numbers.delete(none)
  const found = [...numbers].flatMap((number): Candidate[] => {
    const event = events.event(number)
    return event ? [{ number, event, hash: sha1(event.eventId) }] : []
  })
  return found.sort((x, y) => x.event.pdu.depth - y.event.pdu.depth || (x.hash > y.hash ? -1 : 1))
}

type Judge = (event: RoomEvent, override?: { key: number; number: number }) => boolean

function judgeBy({ rules, crypto }: Conflict, events: NumberedEvents, entry: (key: number) => number): Judge {
  return (event, override) => {
    const get = (type: string, stateKey: string) => {
      const key = events.keyNumber(type, stateKey)
      return events.event(key === override?.key ? override.number : entry(key))
    }
    return authorize(event, { get }, { rules, crypto }).allowed
  }
}

interface Resolved {
  keys: readonly number[]
  /** By key. */
  held: ReadonlyMap<number, number>
}

/** R: the entries without conflict and what has been resolved. */
function entriesOf(
  input: Conflict,
  events: NumberedEvents,
  { keys, held }: Resolved,
): (key: number) => number {
  const conflicted = new Set(keys)
  return (key) => {
    const known = held.get(key)
    if (known !== undefined || conflicted.has(key)) return known ?? none
    const { type, stateKey } = events.keyName(key)
    const id = input.shared(type, stateKey)
    return id === undefined ? none : events.number(id)
  }
}

/** Each takes the place of the one before, from the first on, until one is refused. */
function lastAllowed({ key, candidates }: Contest, judge: Judge): number {
  let held = none
  for (const { number, event } of candidates) {
    if (held !== none && !judge(event, { key, number: held })) return held
    held = number
  }
  return held
}

function newestAllowed({ candidates }: Contest, judge: Judge): number {
  const allowed = candidates.findLast(({ event }) => judge(event))
  return (allowed ?? candidates[0])?.number ?? none
}
