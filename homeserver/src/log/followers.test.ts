import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryBus } from '../platform/bus.ts'
import { type Database, many, type Sql, sql } from '../platform/database.ts'
import { scratchDatabase } from '../platform/scratch-database.ts'
import { LeaseLost, type Turn, type Work } from './follower.ts'
import { Followers } from './followers.ts'
import type { Log } from './log.ts'
import { openLog } from './open-log.ts'

const LEASE_MS = 400

interface Process {
  log: Log
  followers: Followers
  /** From then on its database no longer answers, as if it had frozen. */
  freeze(): void
}

/** Processes that share one database; what one commits the others see by SQL. */
async function startProcesses(count: number) {
  const database = await scratchDatabase()
  await database.query(sql`create table done (shard integer, position bigint, primary key (shard, position))`)
  const started: Process[] = []
  const open = async (): Promise<Process> => {
    let frozen = false
    const own: Database = {
      ...database,
      query: <R>(statement: Sql) =>
        frozen ? Promise.reject(new Error('frozen')) : database.query<R>(statement),
    }
    const log = await openLog({ database, bus: memoryBus() })
    log.register({ kind: 1, name: 'note', statements: () => [] })
    const followers = new Followers({ database: own, tail: log.tail, leaseMs: LEASE_MS })
    const freeze = () => {
      frozen = true
    }
    const process = { log, followers, freeze }
    started.push(process)
    return process
  }
  const processes = await Promise.all(Array.from({ length: count }, open))
  const dispose = async () => {
    for (const { followers } of started) await followers.stop().catch(() => {})
    for (const { log } of started) await log.stop()
    await database[Symbol.asyncDispose]()
  }
  return { database, processes, [Symbol.asyncDispose]: dispose }
}

async function say(log: Log | undefined, times = 1): Promise<void> {
  const unit = { transactionKeys: [], changes: [{ kind: 1, payload: {} }] }
  for (let n = 0; n < times; n++) await log?.commit(unit)
}

/** Looks until it is so; the test runner's time-out is the limit. */
async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10))
}

const cursors = async (database: Database) =>
  (await many<{ cursor: number }>(database, sql`select cursor from followers order by kind, shard`)).map(
    ({ cursor }) => cursor,
  )

test('each shard is told every position after the head at which its kind began', {
  timeout: 10_000,
}, async () => {
  await using at = await startProcesses(1)
  const [only] = at.processes
  await say(only?.log, 2)
  const told: string[] = []
  const work: Work = async ({ shard, after, upTo }) => {
    told.push(`${shard}: ${after}-${upTo}`)
    return upTo
  }
  await only?.followers.follow({ kind: 'new', shards: 2, work })
  await only?.followers.follow({ kind: 'all', shards: 1, from: 'start', work })
  await eventually(() => told.includes('0: 0-2'))
  await say(only?.log)
  await eventually(() => told.length === 4)
  assert.deepEqual(told.sort(), ['0: 0-2', '0: 2-3', '0: 2-3', '1: 2-3'])
  await only?.followers.stop()
  assert.deepEqual(await cursors(at.database), [3, 3, 3])
})

test('work that fails or stands still is tried again, work that gets on continues at once', {
  timeout: 10_000,
}, async () => {
  await using at = await startProcesses(1)
  const [only] = at.processes
  const told: string[] = []
  const work: Work = async ({ after, upTo }) => {
    told.push(`${after}-${upTo}`)
    if (told.length === 1) throw new Error('not now')
    return told.length === 2 ? after : after + 1
  }
  await only?.followers.follow({ kind: 'all', shards: 1, work })
  await only?.log.commit({ transactionKeys: [], changes: Array(3).fill({ kind: 1, payload: {} }) })
  await eventually(() => told.length === 5)
  assert.deepEqual(told, ['0-3', '0-3', '0-3', '1-3', '2-3'])
})

test('processes share the shards evenly, also when one comes later and when one stops', {
  timeout: 10_000,
}, async () => {
  await using at = await startProcesses(3)
  const work: Work = async ({ upTo }) => upTo
  const share = async () => {
    const rows = await many<{ count: number }>(
      at.database,
      sql`select count(*) from followers where holder is not null group by holder order by 1`,
    )
    return rows.map(({ count }) => count).join()
  }
  const [one, two, three] = at.processes
  await one?.followers.follow({ kind: 'all', shards: 8, work })
  assert.equal(await share(), '8')
  await two?.followers.follow({ kind: 'all', shards: 8, work })
  await eventually(async () => {
    return (await share()) === '4,4'
  })
  await three?.followers.follow({ kind: 'all', shards: 8, work })
  await eventually(async () => {
    return (await share()) === '2,3,3'
  })
  await two?.followers.stop()
  await eventually(async () => {
    return (await share()) === '4,4'
  })
})

test('shards of a process that died are taken over when its lease ends, and it can write no more', {
  timeout: 10_000,
}, async () => {
  await using at = await startProcesses(2)
  const [one, two] = at.processes
  const held: Turn[] = []
  const keep: Work = async (turn) => {
    held.push(turn)
    return turn.upTo
  }
  await one?.followers.follow({ kind: 'all', shards: 1, work: keep })
  await say(one?.log)
  await eventually(() => held.length === 1)
  one?.freeze()
  const told: number[] = []
  const takeOver: Work = async ({ upTo }) => {
    told.push(upTo)
    return upTo
  }
  await two?.followers.follow({ kind: 'all', shards: 1, work: takeOver })
  await say(two?.log)
  await eventually(() => told.includes(2))
  const lease = held[0]?.lease
  await assert.rejects(
    at.database.transaction(async (tx) => lease?.check(tx)),
    LeaseLost,
  )
  await assert.rejects(
    at.database.transaction(async (tx) => lease?.store(tx, 1)),
    LeaseLost,
  )
  assert.equal(lease?.signal.aborted, true, 'it noticed by its own clock')
})

test('effects and cursor that are stored in one transaction happen once, whoever dies', {
  timeout: 20_000,
}, async () => {
  await using at = await startProcesses(3)
  const shards = 4
  const work: Work = async ({ shard, after, upTo, lease }) => {
    const next = after + 1
    await at.database.transaction(async (tx) => {
      await lease.store(tx, next)
      await tx.query(sql`insert into done (shard, position) values (${shard}, ${next})`)
    })
    return Math.min(next, upTo)
  }
  for (const { followers } of at.processes) await followers.follow({ kind: 'all', shards, work })
  const [one, two, three] = at.processes
  await say(one?.log, 20)
  two?.freeze()
  await say(one?.log, 20)
  await three?.followers.stop()
  await say(one?.log, 20)
  const doneBy = async () =>
    (await many<{ count: number }>(at.database, sql`select count(*) from done where position <= 60`))[0]
      ?.count
  await eventually(async () => (await doneBy()) === 60 * shards)
})
