import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryBus } from '../platform/bus.ts'
import { type Database, many, one, sql } from '../platform/database.ts'
import { scratchDatabase } from '../platform/scratch-database.ts'
import { BASE, type KindDefinition } from './kind.ts'
import type { LogLimits } from './limits.ts'
import { Busy, Duplicate, type Log, Refused, type Unit } from './log.ts'
import { openLog } from './open-log.ts'

const note: KindDefinition<string> = {
  kind: 1,
  name: 'note',
  bytes: (text) => text.length,
  statements(rows) {
    if (rows.some(({ payload }) => payload === 'unspeakable')) throw new Error('this cannot be said')
    return [
      sql`insert into notes (position, body) select ${BASE} + "offset", body
        from unnest(${rows.map(({ offset }) => offset)}::bigint[], ${rows.map(({ payload }) => payload)}::text[])
          as t("offset", body)`,
    ]
  },
}

async function startLog(limits: Partial<LogLimits> = {}) {
  const database = await scratchDatabase()
  await database.query(
    sql`create table notes (position bigint primary key, body text not null check (body <> 'poison'))`,
  )
  const reports: unknown[] = []
  const log = await openLog({ database, bus: memoryBus(), limits, report: (_, error) => reports.push(error) })
  log.register(note)
  const dispose = async () => {
    await log.stop()
    await database[Symbol.asyncDispose]()
  }
  return { log, database, reports, [Symbol.asyncDispose]: dispose }
}

const say = (body: string, rest: Partial<Unit> = {}): Unit => ({
  transactionKeys: [],
  changes: [{ kind: 1, room: rest.room?.number, payload: body }],
  ...rest,
})

const bodies = async (database: Database) =>
  (await many<{ body: string }>(database, sql`select body from notes order by position`)).map(
    ({ body }) => body,
  )

/** Each answer as a word, so that a whole batch is compared at once. */
async function answers(commits: Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(commits)
  return settled.map((answer) => (answer.status === 'fulfilled' ? 'committed' : answer.reason.name))
}

test('units get dense positions in the order in which they were asked for', async () => {
  await using at = await startLog()
  const units = ['a', 'b', 'c'].map((body) => at.log.commit(say(body)))
  const two = at.log.commit({ transactionKeys: [], changes: [...say('d').changes, ...say('e').changes] })
  assert.deepEqual(await Promise.all(units), [{ positions: [1] }, { positions: [2] }, { positions: [3] }])
  assert.deepEqual(await two, { positions: [4, 5] })
  assert.deepEqual(await bodies(at.database), ['a', 'b', 'c', 'd', 'e'])
  const rows = await many<{ batch: string }>(at.database, sql`select distinct batch::text from log`)
  assert.equal(rows.length, 1, 'what is asked for together is one transaction')
})

test('a transaction key passes once, in one batch, in later ones and from another process', async () => {
  await using at = await startLog()
  const other = await openLog({ database: at.database, bus: memoryBus() })
  other.register(note)
  const keyed = (log: Log, result: string) =>
    log.commit(say(result, { transactionKeys: [{ key: 'a"\\key', result }] }))
  const [first, second] = await Promise.allSettled([keyed(at.log, '$one'), keyed(at.log, '$two')])
  assert.equal(first.status, 'fulfilled')
  assert.ok(second.status === 'rejected' && second.reason instanceof Duplicate)
  assert.equal(second.reason.result, '$one')
  await assert.rejects(keyed(at.log, '$three'), { name: 'Duplicate', result: '$one' })
  await assert.rejects(keyed(other, '$four'), { name: 'Duplicate', result: '$one' })
  assert.deepEqual(await bodies(at.database), ['$one'])
  await other.stop()
})

test('a key with a NUL or a lone surrogate is refused, alone', async () => {
  await using at = await startLog()
  const keyed = (key: string) => at.log.commit(say('x', { transactionKeys: [{ key, result: '$x' }] }))
  assert.deepEqual(await answers([keyed('a\0b'), keyed('fine')]), ['Refused', 'committed'])
  assert.deepEqual(await answers([keyed('\ud800')]), ['committed'])
  assert.deepEqual(await answers([keyed('\ud800'), keyed('also fine')]), ['Refused', 'committed'])
})

test('a unit computed on an old state of its room is stale; units that follow on one another pass together', async () => {
  await using at = await startLog()
  const on = (stateVersion: number, root?: number) =>
    at.log.commit(say('x', { room: { number: 7, stateVersion, ...(root && { next: { root } }) } }))
  assert.deepEqual(await answers([on(0), on(0, 100), on(1, 101), on(2)]), Array(4).fill('committed'))
  assert.deepEqual(
    await many(at.database, sql`select room, version, position, root from room_states order by version`),
    [
      { room: 7, version: 1, position: 2, root: 100 },
      { room: 7, version: 2, position: 3, root: 101 },
    ],
  )
  assert.deepEqual(await answers([on(1)]), ['Stale'])
  assert.deepEqual(await answers([on(2, 102), on(2)]), ['committed', 'Stale'])
  assert.deepEqual(await answers([on(3)]), ['committed'])
})

test('units built on one that failed fail with it, those of other rooms and chains pass', async () => {
  await using at = await startLog()
  const inRoom = (number: number, body: string, chain?: object) =>
    at.log.commit(say(body, { room: { number, stateVersion: 0, ...(chain && { chain }) } }))
  const [one, two] = [{}, {}]
  const commits = [
    inRoom(1, 'poison'),
    inRoom(1, 'built on it'),
    inRoom(2, 'a'),
    inRoom(3, 'poison', one),
    inRoom(3, 'built on it', one),
    inRoom(3, 'b', two),
  ]
  assert.deepEqual(await answers(commits), ['Refused', 'Stale', 'committed', 'Refused', 'Stale', 'committed'])
  assert.deepEqual(await answers([inRoom(3, 'late', one), inRoom(1, 'c')]), ['Stale', 'committed'])
  assert.deepEqual(await bodies(at.database), ['a', 'b', 'c'])
})

test('a poisoned unit is refused with its cause, and no stranger fails with it', async () => {
  await using at = await startLog()
  const commits = Array.from({ length: 100 }, (_, index) => {
    const body = index === 37 ? 'poison' : index === 80 ? 'unspeakable' : index === 90 ? 'NUL \0' : `${index}`
    return at.log.commit(say(body))
  })
  const given = await answers(commits)
  assert.deepEqual(
    given.flatMap((answer, index) => (answer === 'committed' ? [] : [`${index} ${answer}`])),
    ['37 Refused', '80 Refused', '90 Refused'],
  )
  const causes = await Promise.allSettled([commits[37], commits[80], commits[90]])
  const messages = causes.map(
    (cause) => cause.status === 'rejected' && cause.reason instanceof Refused && cause.reason.cause,
  )
  assert.match(String(messages[0]), /violates check constraint/)
  assert.match(String(messages[1]), /cannot be said/)
  assert.match(String(messages[2]), /invalid byte sequence/)
  const { count } = await one<{ count: number }>(at.database, sql`select count(*) from log`)
  const { head } = await one<{ head: number }>(at.database, sql`select max(position) as head from log`)
  assert.deepEqual([count, head], [97, 97], 'positions stay dense')
})

test('a full queue is Busy at once, in units and in bytes', async () => {
  await using at = await startLog({ queueUnits: 2, queueBytes: 2000 })
  assert.deepEqual(
    await answers([at.log.commit(say('a')), at.log.commit(say('b')), at.log.commit(say('c'))]),
    ['committed', 'committed', 'Busy'],
  )
  assert.deepEqual(await answers([at.log.commit(say('d')), at.log.commit(say('e'.repeat(2000)))]), [
    'committed',
    'Busy',
  ])
})

test('a batch is bounded, a unit that is larger goes alone', async () => {
  await using at = await startLog({ batchUnits: 2, batchBytes: 1000 })
  await Promise.all(['a', 'b', 'c', 'd'.repeat(5000), 'e'].map((body) => at.log.commit(say(body))))
  const batches = await many<{ count: number }>(
    at.database,
    sql`select count(*) from log group by batch order by min(position)`,
  )
  assert.deepEqual(
    batches.map(({ count }) => count),
    [2, 1, 1, 1],
  )
})

test('while another holds the head nobody waits longer than the limits, and then it goes on', async () => {
  await using at = await startLog({ unitTimeoutMs: 600, lockTimeoutMs: 200 })
  const holder = await at.database.connect()
  await holder.query(`begin; select log_enter(0, '{}', '{}', '{}')`)
  const begin = performance.now()
  assert.deepEqual(await answers([at.log.commit(say('a'))]), ['Busy'])
  assert.ok(performance.now() - begin < 5000)
  assert.ok(at.reports.length > 0)
  await holder.query('rollback')
  assert.deepEqual(await answers([at.log.commit(say('b'))]), ['committed'])
  assert.deepEqual(await bodies(at.database), ['b'])
  await holder.end()
})

test('a connection that ends between batches is replaced unnoticed', async () => {
  await using at = await startLog()
  await at.log.commit(say('a'))
  await at.database.query(sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and query = 'commit'`)
  assert.deepEqual(await answers([at.log.commit(say('b')), at.log.commit(say('c'))]), [
    'committed',
    'committed',
  ])
  assert.deepEqual(await bodies(at.database), ['a', 'b', 'c'])
})

test('a batch that was voided can no longer be committed', async () => {
  await using at = await startLog()
  assert.deepEqual(await many(at.database, sql`select log_settle(5, 0) as base`), [{ base: null }])
  await assert.rejects(many(at.database, sql`select log_enter(5, '{}', '{}', '{}')`), { code: 'KL001' })
  await at.log.commit(say('a'))
  const { batch } = await one<{ batch: string }>(at.database, sql`select batch::text from log`)
  assert.deepEqual(await many(at.database, sql`select log_settle(${batch}, 0) as base`), [{ base: 0 }])
})

test('a stopped log commits what was queued, and nothing more', async () => {
  await using at = await startLog()
  const queued = at.log.commit(say('a'))
  await at.log.stop()
  assert.deepEqual(await queued, { positions: [1] })
  await assert.rejects(at.log.commit(say('b')), Busy)
})
