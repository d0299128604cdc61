/**
 * Unread counts as last counted, carried on with the changes that the tail still holds. Anything but plain events
 * means counting again.
 */
import { effectOn, type RuleClass } from '@kith/spec/push/rule-classes'
import type { Log, Position, TailRow } from '../../log/log.ts'
import { LruMap } from '../../platform/lru-map.ts'
import type { AccountDataChange } from '../../storage/account-data.ts'
import type { EventChange, RoomStateChange } from '../../storage/event-inserts.ts'
import type { RoomNumber, UserNumber } from '../../storage/interning.ts'
import { kinds } from '../../storage/kinds.ts'
import type { ReceiptsChange } from '../../storage/receipts.ts'
import type { EventNumber, StoredEvent } from '../../storage/stored-event.ts'
import { noThread } from '../../storage/unread.ts'

export interface Count {
  notifications: number
  highlights: number
}

/** By thread: the root's event id, or `noThread`. */
export type Counts = ReadonlyMap<string, Count>

export interface Counted {
  counts: Counts
  /** What the user's push rules come to in the room. */
  class: RuleClass
}

interface Entry extends Counted {
  position: Position
}

export interface UnreadKey {
  user: UserNumber
  room: RoomNumber
  /** Ids of users whose events don't count; another set means counting again. */
  ignored: ReadonlySet<string>
}

type ClassedKey = UnreadKey & { class: RuleClass }

const cachedCounts = 500_000
/** Counting is cheaper than going through more changes than that. */
const longestWalk = 1000

export class UnreadView {
  /** By member event: the position since which that member is in the room. */
  readonly stays = new LruMap<EventNumber, Position>(cachedCounts)
  readonly #log: Log
  readonly #counts = new LruMap<string, Entry & { ignored: ReadonlySet<string> }>(cachedCounts)

  constructor(log: Log) {
    this.#log = log
  }

  /** The counts up to a position, if they can be told without counting. */
  at(key: UnreadKey, until: Position): Counts | undefined {
    const held = this.#counts.get(nameOf(key))
    if (!held || held.ignored !== key.ignored || held.position > until) return undefined
    const rows = this.#log.tail.since(held.position)
    if (rows === 'beyond the tail' || rows.length > longestWalk) return undefined
    let counts: Counts | undefined = held.counts
    for (const row of rows) {
      if (row.position > until) break
      if (rulesMayChange(row, key)) return undefined
      if (row.room === key.room) counts = counts && carriedOn(counts, row, { ...key, class: held.class })
    }
    if (counts) this.set(key, { position: until, counts, class: held.class })
    return counts
  }

  set(key: UnreadKey, entry: Entry): void {
    this.#counts.set(nameOf(key), { ...entry, ignored: key.ignored })
  }
}

/** From a change of push rules on, events may count otherwise. */
function rulesMayChange({ kind, user, payload }: TailRow, key: UnreadKey): boolean {
  if (kind !== kinds.accountData || user !== key.user) return false
  const { standing, type } = (payload as AccountDataChange | undefined) ?? {}
  return standing !== undefined || type === undefined
}

const nameOf = ({ user, room }: UnreadKey) => `${user} ${room}`

/** The counts after one more change of the room; undefined when it takes counting. */
function carriedOn(counts: Counts, row: TailRow, key: ClassedKey): Counts | undefined {
  switch (row.kind) {
    case kinds.event:
      return row.payload === undefined ? undefined : afterEvent(counts, row.payload as EventChange, key)
    case kinds.roomState:
      return memberMoved(row.payload as RoomStateChange | undefined, key) ? undefined : counts
    case kinds.receipts: {
      if (row.user !== undefined && row.user !== key.user) return counts
      const { receipts } = (row.payload as ReceiptsChange | undefined) ?? {}
      return !receipts || receipts.some(({ user }) => user === key.user) ? undefined : counts
    }
    case kinds.redaction:
      return undefined
    default:
      return counts
  }
}

function memberMoved(change: RoomStateChange | EventChange | undefined, { user }: UnreadKey): boolean {
  return !change || change.members.some((member) => member.user === user)
}

function afterEvent(counts: Counts, change: EventChange, key: ClassedKey): Counts | undefined {
  if (memberMoved(change, key)) return undefined
  const { event } = change
  const thread = event.thread ?? noThread
  if (event.sender === key.user) return marksAsRead(change) ? without(counts, thread) : counts
  if (key.ignored.has(event.pdu.sender)) return counts
  const own = change.personal.find(({ user }) => user === key.user)
  const { notifies, highlights } = own ?? forClass(key.class, event)
  if (!notifies && !highlights) return counts
  const count = counts.get(thread) ?? { notifications: 0, highlights: 0 }
  return new Map(counts).set(thread, {
    notifications: count.notifications + Number(notifies),
    highlights: count.highlights + Number(highlights),
  })
}

function forClass(ruleClass: RuleClass, { notifies, highlights }: StoredEvent) {
  const { notify, highlight } = effectOn(ruleClass, { notify: notifies, highlight: highlights })
  return { notifies: notify, highlights: highlight }
}

/** Whoever says something has read what came before. Changes of state are no sign of reading. */
function marksAsRead({ event }: EventChange): boolean {
  return event.notifies || (event.deviceId !== undefined && event.stateKey === undefined)
}

function without(counts: Counts, thread: string): Counts {
  if (!counts.has(thread)) return counts
  const rest = new Map(counts)
  rest.delete(thread)
  return rest
}
