/**
 * Who is in a room, in memory: the local joined members (whom an event wakes), the servers with their counts
 * (where it is sent), and how many are joined and invited. Loaded when first asked, then it follows the log.
 */
import { domainOf } from '@kith/spec/ids'
import type { Log, TailRow } from '../../log/log.ts'
import type { Database } from '../../platform/database.ts'
import { LruMap } from '../../platform/lru-map.ts'
import type { EventChange, MemberChange, Membership, RoomStateChange } from '../../storage/event-inserts.ts'
import type { Interning, RoomNumber, UserNumber } from '../../storage/interning.ts'
import { kinds } from '../../storage/kinds.ts'
import { memberRowsOfRoom } from '../../storage/members.ts'

export interface RoomMembers {
  /** Joined users of this server. */
  local: Set<UserNumber>
  /** Joined members per server name, this one included. */
  servers: Map<string, number>
  /** Everybody's membership. */
  all: Map<UserNumber, Membership>
  joined: number
  invited: number
  /** Log position of the last change of a membership. */
  changedAt: number
}

const cachedMembers = 2_000_000

export interface MembersViewParts {
  database: Database
  log: Log
  interning: Interning
  isLocal(domain: string): boolean
}

export class MembersView {
  readonly #parts: MembersViewParts
  readonly #rooms = new LruMap<RoomNumber, RoomMembers>(cachedMembers, (room) => room.all.size + 10)
  readonly #loading = new Map<RoomNumber, Promise<RoomMembers>>()
  /** Rooms that changed while they were being loaded: what was read may be old. */
  readonly #stale = new Set<RoomNumber>()

  constructor(parts: MembersViewParts) {
    this.#parts = parts
    parts.log.tail.subscribe((rows) => this.#follow(rows))
  }

  /** The members if they are in memory: what a hot path may ask without waiting. */
  cached(room: RoomNumber): RoomMembers | undefined {
    return this.#rooms.get(room)
  }

  async of(room: RoomNumber): Promise<RoomMembers> {
    const held = this.#rooms.get(room) ?? this.#loading.get(room)
    if (held) return held
    const loading = this.#load(room).finally(() => this.#loading.delete(room))
    this.#loading.set(room, loading)
    return loading
  }

  async #load(room: RoomNumber): Promise<RoomMembers> {
    for (;;) {
      this.#stale.delete(room)
      const rows = await memberRowsOfRoom(this.#parts.database, room)
      await this.#parts.interning.users.names(
        this.#parts.database,
        rows.map((row) => row.user),
      )
      if (this.#stale.has(room)) continue
      const members: RoomMembers = {
        local: new Set(),
        servers: new Map(),
        all: new Map(),
        joined: 0,
        invited: 0,
        changedAt: 0,
      }
      for (const row of rows) {
        this.#set(members, row)
        members.changedAt = Math.max(members.changedAt, row.position)
      }
      this.#rooms.set(room, members)
      return members
    }
  }

  #follow(rows: readonly TailRow[]): void {
    for (const row of rows) {
      if (row.room === undefined || (row.kind !== kinds.event && row.kind !== kinds.roomState)) continue
      if (row.payload) {
        this.#apply(row, (row.payload as EventChange | RoomStateChange).members)
      } else if (row.user !== undefined || row.kind === kinds.roomState) {
        this.#stale.add(row.room)
        this.#rooms.delete(row.room)
      }
    }
  }

  #apply({ room = 0, position }: TailRow, changes: readonly MemberChange[]): void {
    if (changes.length === 0) return
    this.#stale.add(room)
    const members = this.#rooms.get(room)
    if (!members) return
    for (const change of changes) this.#set(members, change)
    members.changedAt = position
  }

  #set(members: RoomMembers, { user, membership }: { user: UserNumber; membership: Membership }): void {
    const name = this.#parts.interning.users.cachedName(user)
    if (name === undefined) throw new Error(`user ${user} is not interned in memory`)
    this.#count(members, { domain: domainOf(name), membership: members.all.get(user), by: -1 })
    this.#count(members, { domain: domainOf(name), membership, by: 1 })
    members.all.set(user, membership)
    if (!this.#parts.isLocal(domainOf(name))) return
    if (membership === 'join') members.local.add(user)
    else members.local.delete(user)
  }

  #count(
    members: RoomMembers,
    { domain, membership, by }: { domain: string; membership: Membership | undefined; by: 1 | -1 },
  ): void {
    if (membership === 'invite') members.invited += by
    if (membership !== 'join') return
    members.joined += by
    const count = (members.servers.get(domain) ?? 0) + by
    if (count > 0) members.servers.set(domain, count)
    else members.servers.delete(domain)
  }
}
