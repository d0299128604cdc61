/** The rows behind followers: who holds which shard, and how far each has come. All times are the database's. */
import { type Db, many, maybeOne, sql } from '../platform/database.ts'
import type { Position } from './log.ts'

export interface TakenShard {
  shard: number
  cursor: Position
  epoch: number
}

export interface ShardCursor extends TakenShard {
  kind: string
}

/** Makes the rows of a kind's shards that are not there yet. */
export async function ensureShards(
  db: Db,
  { kind, shards, from }: { kind: string; shards: number; from: 'head' | 'start' },
): Promise<void> {
  const start = from === 'start' ? sql`0` : sql`(select coalesce(max(position), 0) from log)`
  await db.query(sql`
    insert into followers (kind, shard, cursor)
    select ${kind}, shard, ${start} from generate_series(0, ${shards - 1}::integer) as shard
    on conflict do nothing`)
}

/** Begins or prolongs the lease of a process. @returns false when it had ended: what it held may be another's */
export async function renewLease(
  db: Db,
  { holder, kinds, leaseMs }: { holder: number; kinds: string[]; leaseMs: number },
): Promise<boolean> {
  const renewed = await maybeOne(
    db,
    sql`insert into follower_holders (holder, kinds, ends)
      values (${holder}, ${kinds}, clock_timestamp() + ${leaseMs} * interval '1 millisecond')
      on conflict (holder) do update set kinds = excluded.kinds, ends = excluded.ends
        where follower_holders.ends > clock_timestamp()
      returning holder`,
  )
  return renewed !== undefined
}

/** Ends a lease, and clears away those that ended long ago. */
export async function endLease(db: Db, holder: number): Promise<void> {
  await db.query(sql`
    delete from follower_holders where holder = ${holder} or ends < clock_timestamp() - interval '1 hour'`)
}

/** @returns per kind how many living processes follow it */
export async function livingHolders(db: Db): Promise<Map<string, number>> {
  const rows = await many<{ kind: string; count: number }>(
    db,
    sql`select kind, count(*) as count from follower_holders, unnest(kinds) as kind
      where ends > clock_timestamp() group by kind`,
  )
  return new Map(rows.map(({ kind, count }) => [kind, count]))
}

/** Takes shards that nobody living holds; their epoch moves, so that the former holder can write no more. */
export function takeShards(
  db: Db,
  wanted: { kind: string; shards: number; holder: number; most: number },
): Promise<TakenShard[]> {
  const { kind, shards, holder, most } = wanted
  return many<TakenShard>(
    db,
    sql`update followers set holder = ${holder}, epoch = followers.epoch + 1
      from (
        select f.kind, f.shard from followers f
        where f.kind = ${kind} and f.shard < ${shards} and not exists (
          select from follower_holders h where h.holder = f.holder and h.ends > clock_timestamp())
        limit ${most} for update of f skip locked) as free
      where followers.kind = free.kind and followers.shard = free.shard
      returning followers.shard, cursor, epoch`,
  )
}

/** Stores cursors, each if its epoch still stands; one that the work itself stored meanwhile stays. @returns those for which it does */
export function storeCursors(db: Db, cursors: ShardCursor[]): Promise<{ kind: string; shard: number }[]> {
  return many<{ kind: string; shard: number }>(
    db,
    sql`update followers f set cursor = greatest(f.cursor, t.cursor)
      from unnest(${cursors.map(({ kind }) => kind)}::text[], ${cursors.map(({ shard }) => shard)}::integer[],
        ${cursors.map(({ cursor }) => cursor)}::bigint[], ${cursors.map(({ epoch }) => epoch)}::bigint[])
        as t(kind, shard, cursor, epoch)
      where f.kind = t.kind and f.shard = t.shard and f.epoch = t.epoch
      returning f.kind, f.shard`,
  )
}

/** Gives a shard back, for anyone to take. */
export async function giveBack(db: Db, { kind, shard, cursor, epoch }: ShardCursor): Promise<void> {
  await db.query(sql`
    update followers set holder = null, cursor = greatest(cursor, ${cursor})
    where kind = ${kind} and shard = ${shard} and epoch = ${epoch}`)
}

/** Locks the shard's row against being taken until the transaction ends. @returns false when the epoch has moved */
export async function holdEpoch(
  db: Db,
  { kind, shard, epoch }: Omit<ShardCursor, 'cursor'>,
): Promise<boolean> {
  const held = await maybeOne(
    db,
    sql`select from followers where kind = ${kind} and shard = ${shard} and epoch = ${epoch} for share`,
  )
  return held !== undefined
}
