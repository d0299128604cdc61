/** Which of a reader's rooms changed: from the tail for the nearly current, else by a probe of each room. */
import type { TailRow } from '../../log/log.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import { kinds } from '../../storage/kinds.ts'
import { changedRooms } from '../../storage/sync-reads.ts'
import type { SyncContext } from './sync-context.ts'

export interface RoomChange {
  /** The room's rows that concern the reader, in order; undefined when what changed must be read from the tables. */
  rows: readonly TailRow[] | undefined
}

export interface Changes {
  rooms: ReadonlyMap<RoomNumber, RoomChange>
  /** Whether account data of no room may have changed. */
  accountData: boolean
}

/** Beyond this many rows of the tail, probing is cheaper than going through them. */
const longestScan = 20_000

export async function changesSince(context: SyncContext, since: number): Promise<Changes> {
  const { server, until, members } = context
  if (since === until) return { rooms: new Map(), accountData: false }
  const rows = server.log.tail.since(since)
  if (rows !== 'beyond the tail' && rows.length <= longestScan) return fromTail(context, rows)
  const rooms = await changedRooms(
    server.database,
    members.map(({ room }) => room),
    { after: since, until },
  )
  return { rooms: new Map([...rooms].map((room) => [room, { rows: undefined }])), accountData: true }
}

function fromTail({ reader, until, members }: SyncContext, rows: readonly TailRow[]): Changes {
  const mine = new Set(members.map(({ room }) => room))
  const rooms = new Map<RoomNumber, { rows: TailRow[] }>()
  let accountData = false
  for (const row of rows) {
    if (row.position > until) break
    if (isSomebodyElses(row, reader.user)) continue
    if (row.room === undefined) accountData ||= row.kind === kinds.accountData && row.user === reader.user
    else if (mine.has(row.room)) {
      const change = rooms.get(row.room) ?? { rows: [] }
      rooms.set(row.room, change)
      change.rows.push(row)
    }
  }
  return { rooms, accountData }
}

/** Rows of these kinds that name a user concern him alone. */
const personal = new Set<number>([kinds.accountData, kinds.invitation, kinds.forget, kinds.receipts])

function isSomebodyElses(row: TailRow, user: number): boolean {
  return row.user !== undefined && row.user !== user && personal.has(row.kind)
}
