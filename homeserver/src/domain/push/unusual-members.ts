/** Per room, the local members whose push rules are not the default ones. */
import type { Log, TailRow } from '../../log/log.ts'
import { LruMap } from '../../platform/lru-map.ts'
import type { EventChange, RoomStateChange } from '../../storage/event-inserts.ts'
import type { RoomNumber, UserNumber } from '../../storage/interning.ts'
import { kinds } from '../../storage/kinds.ts'
import type { AccountDataView } from '../account-data/account-data-view.ts'

interface Entry {
  version: number
  users: UserNumber[]
}

export class UnusualMembers {
  readonly #accountData: AccountDataView
  readonly #rooms = new LruMap<RoomNumber, Entry>(500_000, (entry) => entry.users.length + 5)

  constructor(log: Log, accountData: AccountDataView) {
    this.#accountData = accountData
    log.tail.subscribe((rows) => this.#follow(rows))
  }

  /** @param local the room's local members */
  async of(room: RoomNumber, local: ReadonlySet<UserNumber>): Promise<readonly UserNumber[]> {
    const { users, version } = await this.#accountData.unusual()
    const held = this.#rooms.get(room)
    if (held?.version === version) return held.users
    const [fewer, more] = users.size < local.size ? [users, local] : [local, users]
    const entry = { version, users: [...fewer].filter((user) => more.has(user)) }
    this.#rooms.set(room, entry)
    return entry.users
  }

  #follow(rows: readonly TailRow[]): void {
    for (const row of rows) {
      if (row.room === undefined || (row.kind !== kinds.event && row.kind !== kinds.roomState)) continue
      const members = (row.payload as EventChange | RoomStateChange | undefined)?.members
      if (!members || members.length > 0) this.#rooms.delete(row.room)
    }
  }
}
