/** Per room, the local members who are looked at singly, since their push rules come to none of the classes. */
import { standingIn } from '@kith/spec/push/standings'
import type { Log, TailRow } from '../../log/log.ts'
import { LruMap } from '../../platform/lru-map.ts'
import type { EventChange, RoomStateChange } from '../../storage/event-inserts.ts'
import type { RoomNumber, UserNumber } from '../../storage/interning.ts'
import { kinds } from '../../storage/kinds.ts'
import { type AccountDataView, oneRead } from '../account-data/account-data-view.ts'
import { batches } from '../batches.ts'

interface Entry {
  /** With the situations in which they are looked at. */
  users: Map<UserNumber, number>
  /** Who has to be looked up, since they came or went or changed their rules. */
  pending: Set<UserNumber>
  /** Up to which change of rules it is told; below zero when nothing is known yet. */
  version: number
  /** Looking up, under way. */
  settling: Promise<void> | undefined
}

export interface RoomOfMembers {
  room: RoomNumber
  roomId: string
  /** Local members. */
  local: ReadonlySet<UserNumber>
}

export class UnusualMembers {
  readonly #accountData: AccountDataView
  readonly #rooms = new LruMap<RoomNumber, Entry>(500_000, (entry) => entry.users.size + 5)

  constructor(log: Log, accountData: AccountDataView) {
    this.#accountData = accountData
    log.tail.subscribe((rows) => this.#follow(rows))
  }

  /** @param situation a bit of `situations` */
  async of(room: RoomOfMembers, situation: number): Promise<UserNumber[]> {
    const entry = this.#rooms.get(room.room) ?? this.#begin(room.room)
    await this.#settled(entry, room)
    return [...entry.users].flatMap(([user, situations]) => (situations & situation ? [user] : []))
  }

  #begin(room: RoomNumber): Entry {
    const entry: Entry = { users: new Map(), pending: new Set(), version: -1, settling: undefined }
    this.#rooms.set(room, entry)
    return entry
  }

  async #settled(entry: Entry, members: RoomOfMembers): Promise<void> {
    const singly = await this.#accountData.singly()
    await entry.settling
    if (entry.version === this.#accountData.changedRules.end && entry.pending.size === 0) return
    entry.settling ??= this.#settle(entry, members, singly)
      .catch((error) => {
        this.#rooms.delete(members.room)
        throw error
      })
      .finally(() => {
        entry.settling = undefined
      })
    await entry.settling
  }

  async #settle(
    entry: Entry,
    { room, roomId, local }: RoomOfMembers,
    singly: ReadonlyMap<UserNumber, number>,
  ): Promise<void> {
    const { changedRules } = this.#accountData
    const changed = changedRules.since(entry.version)
    const everybody = singly.size < local.size ? [...singly.keys()] : [...local]
    const asked = changed ? [...new Set([...entry.pending, ...changed])] : everybody
    entry.pending.clear()
    entry.version = changedRules.end
    for (const user of asked) entry.users.delete(user)
    const maybe = asked.filter((user) => local.has(user) && singly.get(user))
    for (const part of batches(maybe, oneRead)) {
      for (const [user, { standings }] of await this.#accountData.people(part)) {
        const standing = standingIn(standings, roomId)
        if (standing.singly) entry.users.set(user, standing.singly)
      }
    }
    this.#rooms.set(room, entry)
  }

  #follow(rows: readonly TailRow[]): void {
    for (const row of rows) {
      if (row.room === undefined || (row.kind !== kinds.event && row.kind !== kinds.roomState)) continue
      const change = row.payload as EventChange | RoomStateChange | undefined
      if (!change) this.#rooms.delete(row.room)
      else if (change.members.length > 0) {
        const entry = this.#rooms.get(row.room)
        for (const { user } of change.members) entry?.pending.add(user)
      }
    }
  }
}
