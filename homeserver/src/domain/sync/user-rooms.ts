/** The memberships of those who sync, in memory: loaded when first asked for, then following the log. */
import type { Log, TailRow } from '../../log/log.ts'
import type { Database } from '../../platform/database.ts'
import { LruMap } from '../../platform/lru-map.ts'
import type { EventChange, RoomStateChange } from '../../storage/event-inserts.ts'
import type { RoomNumber, UserNumber } from '../../storage/interning.ts'
import { kinds } from '../../storage/kinds.ts'
import { type Member, memberRowsOfUser } from '../../storage/members.ts'

type Memberships = Map<RoomNumber, Member>

const cachedMemberships = 1_000_000

export class UserRooms {
  readonly #database: Database
  readonly #log: Log
  readonly #users = new LruMap<UserNumber, Memberships>(cachedMemberships, (rooms) => rooms.size + 5)
  readonly #loading = new Map<UserNumber, Promise<Memberships>>()
  /** Users whose memberships moved while they were being loaded: what was read may be old. */
  readonly #stale = new Set<UserNumber>()

  constructor(database: Database, log: Log) {
    this.#database = database
    this.#log = log
    log.tail.subscribe((rows) => this.#follow(rows))
  }

  /** All memberships of a user as they are at the head of the tail, if they are in memory. */
  cached(user: UserNumber): ReadonlyMap<RoomNumber, Member> | undefined {
    return this.#users.get(user)
  }

  /** The same, loaded where they are not. The map may be old after any wait. */
  async of(user: UserNumber): Promise<ReadonlyMap<RoomNumber, Member>> {
    const held = this.#users.get(user)
    if (held) return held
    const loading = this.#loading.get(user) ?? this.#load(user).finally(() => this.#loading.delete(user))
    this.#loading.set(user, loading)
    return loading
  }

  async #load(user: UserNumber): Promise<Memberships> {
    for (;;) {
      this.#stale.delete(user)
      const rows = await memberRowsOfUser(this.#database, user)
      // The database may be ahead of the tail.
      await this.#log.tail.reached(Math.max(0, ...rows.map((row) => row.position)))
      if (this.#stale.has(user)) continue
      const rooms = new Map(rows.map((row) => [row.room, row]))
      this.#users.set(user, rooms)
      return rooms
    }
  }

  #follow(rows: readonly TailRow[]): void {
    for (const row of rows) {
      switch (row.kind) {
        case kinds.event:
        case kinds.roomState:
          if (row.payload) this.#apply(row, row.payload as EventChange | RoomStateChange)
          else if (row.user !== undefined) this.#forget(row.user)
          if (!row.payload && row.kind === kinds.roomState) this.#forgetAll()
          break
        case kinds.invitation:
        case kinds.forget:
          if (row.user !== undefined) this.#forget(row.user)
      }
    }
  }

  #apply({ position, room }: TailRow, { members }: EventChange | RoomStateChange): void {
    if (room === undefined) return
    for (const { user, membership, event } of members) {
      this.#stale.add(user)
      const rooms = this.#users.get(user)
      if (!rooms) continue
      // A map that grows weighs more: it is put anew.
      if (!rooms.has(room)) this.#users.delete(user)
      rooms.set(room, { room, user, membership, event, position, forgotten: false })
      this.#users.set(user, rooms)
    }
  }

  #forget(user: UserNumber): void {
    this.#stale.add(user)
    this.#users.delete(user)
  }

  /** Another process moved a room's state: whose memberships that changed is not in the row. */
  #forgetAll(): void {
    for (const user of this.#loading.keys()) this.#stale.add(user)
    this.#users.clear()
  }
}
