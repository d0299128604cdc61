import assert from 'node:assert/strict'
import { test } from 'node:test'
import { many, maybeOne, one, openDatabase, sql } from './database.ts'
import { DatabaseUnavailable } from './read-connections.ts'
import { scratchDatabase } from './scratch-database.ts'

test('sql numbers its parameters through nested fragments, and only what `sql` made is a fragment', () => {
  const inner = sql`room = ${7} and position > ${8}`
  assert.deepEqual(sql`select ${1} where ${inner} limit ${9}`, {
    text: 'select $1 where room = $2 and position > $3 limit $4',
    values: [1, 7, 8, 9],
  })
  const forged = { text: 'drop table log', values: [] }
  assert.deepEqual(sql`select ${forged}::text`.values, [forged])
})

test('values come back as they went in', async () => {
  await using database = await scratchDatabase()
  const texts = ['plain', 'a"b\\c{,}', '', 'NULL', null, '\u{1f600}']
  const bytes = [Buffer.from([0, 255, 92, 34]), Buffer.alloc(0), null, Buffer.from('x')]
  const row = await one(
    database,
    sql`select ${2 ** 53 - 1}::bigint as big, ${[1, -2, null]}::bigint[] as numbers, ${texts}::text[] as texts,
      ${bytes}::bytea[] as bytes, ${new Uint8Array([1, 2])}::bytea as raw, ${true}::boolean as flag,
      ${[true, false]}::boolean[] as flags, ${undefined}::text as nothing, ${new Date(5)}::timestamptz as time,
      ${[]}::text[] as none, ${12n}::bigint as wide, ${{ a: ['"'] }}::json as object`,
  )
  assert.deepEqual(row, {
    big: 2 ** 53 - 1,
    numbers: [1, -2, null],
    texts,
    bytes,
    raw: Buffer.from([1, 2]),
    flag: true,
    flags: [true, false],
    nothing: null,
    time: new Date(5),
    none: [],
    wide: 12,
    object: { a: ['"'] },
  })
})

test('a bigint past 2^53 is an error, not a wrong number', async () => {
  await using database = await scratchDatabase()
  await assert.rejects(many(database, sql`select 9007199254740993 as big`), RangeError)
  await assert.rejects(many(database, sql`select ${Number.NaN}::bigint`), TypeError)
  await assert.rejects(many(database, sql`select ${[Buffer.from('x'), 'y']}::bytea[]`), TypeError)
  assert.deepEqual(await many(database, sql`select 1 as fine`), [{ fine: 1 }])
})

test('one and maybeOne mind the number of rows', async () => {
  await using database = await scratchDatabase()
  assert.equal(await maybeOne(database, sql`select 1 where false`), undefined)
  await assert.rejects(one(database, sql`select 1 where false`), /got none/)
  await assert.rejects(one(database, sql`select generate_series(1, 2)`), /got 2/)
})

test('reads fail each for itself, and a connection that broke is opened anew', async () => {
  await using database = await scratchDatabase()
  const reads = Array.from({ length: 50 }, (_, n) => many(database, sql`select 1 / ${n % 5} as n`))
  const settled = await Promise.allSettled(reads)
  assert.deepEqual(
    settled.map(({ status }) => status === 'rejected'),
    settled.map((_, n) => n % 5 === 0),
  )
  const killer = await database.connect()
  await killer.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  )
  await killer.end()
  // Those that were sent before the end was noticed fail; a moment later all is well.
  while (
    (await Promise.allSettled([many(database, sql`select 1`)])).some(({ status }) => status === 'rejected')
  );
  assert.deepEqual(await many(database, sql`select 2 as n`), [{ n: 2 }])
})

test('a server that is not there is DatabaseUnavailable', async () => {
  await assert.rejects(openDatabase({ url: 'postgres://postgres@127.0.0.1:1/x' }), DatabaseUnavailable)
})

test('O3: a transaction that gets no connection in time is DatabaseUnavailable, and the next one passes', async () => {
  await using scratch = await scratchDatabase()
  const database = await openDatabase({ url: scratch.url, transactionConnections: 1, connectTimeoutMs: 100 })
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  const holding = database.transaction(() => held)
  await assert.rejects(
    database.transaction(async () => {}),
    DatabaseUnavailable,
  )
  release()
  await holding
  await database.transaction((tx) => tx.query(sql`select 1`))
  await database.close()
})

test('a transaction is whole: it rolls back when the work throws, or swallowed a failed statement', async () => {
  await using database = await scratchDatabase()
  await database.query(sql`create table t (n integer primary key)`)
  const result = await database.transaction(async (tx) => {
    await tx.query(sql`insert into t values (1)`)
    return 'done'
  })
  assert.equal(result, 'done')
  const thrown = database.transaction(async (tx) => {
    await tx.query(sql`insert into t values (2)`)
    throw new Error('no')
  })
  await assert.rejects(thrown, /no/)
  const swallowed = database.transaction(async (tx) => {
    await tx.query(sql`insert into t values (3)`)
    await tx.query(sql`insert into t values (1)`).catch(() => {})
  })
  await assert.rejects(swallowed, /rolled back/)
  assert.deepEqual(await many(database, sql`select n from t`), [{ n: 1 }])
})
