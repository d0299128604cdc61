/**
 * What somebody has not read. Read is what comes before the furthest of his receipts, of his own last event, and
 * of his coming into the room; receipts and events in a thread count for that thread.
 *
 * Source: client-server-api, "Receiving notifications", "Threaded read receipts".
 */
import type { Position } from '../../log/log.ts'
import { type RoomNumber, stateKeyNameOf } from '../../storage/interning.ts'
import type { Member } from '../../storage/members.ts'
import { mainThread, receiptsOfUser, type StoredReceipt, unthreaded } from '../../storage/receipts.ts'
import { countUnread, noThread, type ThreadFloor } from '../../storage/unread.ts'
import type { Reader } from '../events/client-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { membershipOf } from '../rooms/member-changes.ts'
import { classAt, classPeriodsOf } from './class-periods.ts'
import type { Count, Counted, Counts } from './unread-view.ts'

export interface Unread {
  /** Of the whole room, threads included. */
  total: Count
  /** Of what is in no thread. */
  main: Count
  threads: ReadonlyMap<string, Count>
}

/** Unread counts of rooms that the reader is in, up to a position. */
export async function unreadOf(
  server: Homeserver,
  reader: Reader,
  { members, until }: { members: readonly Member[]; until: Position },
): Promise<Map<RoomNumber, Unread>> {
  const ignored = await server.views.accountData.ignoredBy(reader.user)
  const counts = new Map<RoomNumber, Counts>()
  const missing = members.filter(({ room }) => {
    const held = server.views.unread.at({ user: reader.user, room, ignored }, until)
    if (held) counts.set(room, held)
    return !held
  })
  if (missing.length > 0) {
    for (const [room, found] of await recount(server, reader, { members: missing, until })) {
      server.views.unread.set({ user: reader.user, room, ignored }, { position: until, ...found })
      counts.set(room, found.counts)
    }
  }
  return new Map([...counts].map(([room, found]) => [room, summed(found)]))
}

/** Counts from the tables alone. */
export async function recount(
  server: Homeserver,
  reader: Reader,
  { members, until }: { members: readonly Member[]; until: Position },
): Promise<Map<RoomNumber, Counted>> {
  const { database, views } = server
  const [receipts, ignored, periods, joined] = await Promise.all([
    receiptsOfUser(
      database,
      reader.user,
      members.map(({ room }) => room),
    ),
    views.accountData.ignoredNumbers(reader.user),
    classPeriodsOf(
      server,
      reader.user,
      members.map(({ room }) => room),
    ),
    Promise.all(members.map((member) => joinedSince(server, reader, member))),
  ])
  const rooms = members.map(({ room }, index) => ({
    room,
    base: Math.max(joined[index] as number, baseOf(receipts, room)),
  }))
  const floors = receipts.flatMap(floorOf)
  const counts = new Map<RoomNumber, Map<string, Count>>(members.map(({ room }) => [room, new Map()]))
  const query = { user: reader.user, rooms, periods, floors, ignored, until }
  for (const { room, thread, notifications, highlights } of await countUnread(database, query)) {
    counts.get(room)?.set(thread, { notifications, highlights })
  }
  return new Map(
    [...counts].map(([room, found]) => [room, { counts: found, class: classAt(periods, room, until) }]),
  )
}

/** A receipt for an event fetched behind a gap leaves the live event there unread. */
const readUpTo = ({ place }: StoredReceipt) => (place ? place.position - (place.slot < 0 ? 1 : 0) : 0)

function baseOf(receipts: readonly StoredReceipt[], room: RoomNumber): number {
  const own = receipts.filter((receipt) => receipt.room === room && receipt.thread === unthreaded)
  return Math.max(0, ...own.map(readUpTo))
}

function floorOf(receipt: StoredReceipt): ThreadFloor[] {
  if (receipt.thread === unthreaded) return []
  const thread = receipt.thread === mainThread ? noThread : receipt.thread
  return [{ room: receipt.room, thread, position: readUpTo(receipt) }]
}

const longestHistory = 500

/**
 * The position at which the stay in a room began that a member event belongs to, or ended: changes of name are no
 * new stay.
 */
export async function joinedSince(server: Homeserver, reader: Reader, member: Member): Promise<Position> {
  const { stays } = server.views.unread
  const held = stays.get(member.event)
  if (held !== undefined) return held
  const name = stateKeyNameOf('m.room.member', reader.userId)
  const key = await server.interning.stateKeys.existing(server.database, name)
  let since = member.position
  let event = (await server.events.byNumber([member.event])).get(member.event)
  for (let step = 0; event && key !== undefined && step < longestHistory; step++) {
    since = event.place?.position ?? since
    if (event.rootBefore === undefined) break
    const number = (await server.states.lookup(event.rootBefore, [key])).get(key)
    const before = number === undefined ? undefined : (await server.events.byNumber([number])).get(number)
    if (!before || membershipOf(before) !== 'join') break
    event = before
  }
  stays.set(member.event, since)
  return since
}

function summed(counts: Counts): Unread {
  const total = { notifications: 0, highlights: 0 }
  const threads = new Map<string, Count>()
  for (const [thread, count] of counts) {
    total.notifications += count.notifications
    total.highlights += count.highlights
    if (thread !== noThread) threads.set(thread, count)
  }
  return { total, main: counts.get(noThread) ?? { notifications: 0, highlights: 0 }, threads }
}
