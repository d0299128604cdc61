import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bus, memoryBus } from '../platform/bus.ts'
import { sql } from '../platform/database.ts'
import { scratchDatabase } from '../platform/scratch-database.ts'
import type { KindDefinition } from './kind.ts'
import type { LogLimits } from './limits.ts'
import type { Log, TailRow } from './log.ts'
import { openLog } from './open-log.ts'

const note: KindDefinition<string> = {
  kind: 1,
  name: 'note',
  bytes: (text) => text.length,
  statements: () => [],
}

/** Two processes on one database. What each publishes goes to `pass`, which hands it to the other or loses it. */
async function startTwo(
  options: { pass?: (message: string) => string | undefined; limits?: Partial<LogLimits> } = {},
) {
  const database = await scratchDatabase()
  const pass = options.pass ?? ((message) => message)
  const busses = [memoryBus(), memoryBus()] as const
  const joined = (own: Bus, other: Bus): Bus => ({
    ...own,
    publish(channel, message) {
      const passed = pass(message)
      if (passed !== undefined) other.publish(channel, passed)
    },
  })
  const logs = await Promise.all([
    openLog({ database, bus: joined(busses[0], busses[1]), limits: options.limits }),
    openLog({ database, bus: joined(busses[1], busses[0]), limits: options.limits }),
  ])
  for (const log of logs) log.register(note)
  const dispose = async () => {
    for (const log of logs) await log.stop()
    await database[Symbol.asyncDispose]()
  }
  return { database, one: logs[0], two: logs[1], [Symbol.asyncDispose]: dispose }
}

const say = (log: Log, payload: string) =>
  log.commit({ transactionKeys: [], changes: [{ kind: 1, room: 7, user: 8, relay: 'all', payload }] })

function listen(log: Log): TailRow[] {
  const heard: TailRow[] = []
  log.tail.subscribe((rows) => heard.push(...rows))
  return heard
}

const positions = (rows: readonly TailRow[]) => rows.map(({ position }) => position)

test('a committed unit has been handed to the local subscribers, with the very payload', async () => {
  await using at = await startTwo()
  const heard = listen(at.one)
  const payload = { body: 'x' }
  await at.one.commit({ transactionKeys: [], changes: [{ kind: 1, payload }] })
  assert.equal(heard[0]?.payload, payload)
  assert.equal(at.one.tail.head, 1)
})

test('another process learns of it by the hint, without the payload, or by SQL; the rows are the same', async () => {
  const row = { position: 1, kind: 1, room: 7, user: 8, relay: 'all' }
  for (const limits of [{}, { hintBytes: 0 }]) {
    await using at = await startTwo({ limits })
    const heard = listen(at.two)
    await say(at.one, 'x')
    await at.two.tail.reached(1)
    assert.deepEqual(heard, [row])
    assert.deepEqual(at.two.tail.since(0), [row])
  }
})

test('a lost last hint costs a second', async () => {
  await using at = await startTwo({ pass: () => undefined })
  const heard = listen(at.two)
  await say(at.one, 'x')
  const begin = performance.now()
  // Only the polling brings it: `reached` would look at once.
  await new Promise<void>((resolve) => at.two.tail.subscribe(() => resolve()))
  assert.ok(performance.now() - begin < 2500)
  assert.deepEqual(positions(heard), [1])
})

test('hints that are doubled, late, lost or senseless leave no hole and no disorder', async () => {
  const held: string[] = []
  await using at = await startTwo({
    pass(message) {
      held.push(message)
      return undefined
    },
  })
  const heard = listen(at.two)
  for (let n = 0; n < 5; n++) await say(at.one, String(n))
  const bus = memoryBus()
  const late = await openLog({ database: at.database, bus })
  assert.deepEqual(late.tail.since(5), [])
  const told = listen(late)
  for (let n = 5; n < 8; n++) await say(at.one, String(n))
  for (const index of [7, 5, 5, 0, 6]) bus.publish('log', held[index] ?? '')
  for (const senseless of ['', '{}', 'null', '[]', '["x"]', '[1.5]']) bus.publish('log', senseless)
  await late.tail.reached(8)
  assert.deepEqual(positions(told), [6, 7, 8])
  await at.two.tail.refresh()
  assert.deepEqual(positions(heard), [1, 2, 3, 4, 5, 6, 7, 8])
  await late.stop()
})

test('own rows keep their payload when rows of others come before them unannounced', async () => {
  await using at = await startTwo({ pass: () => undefined })
  const heard = listen(at.two)
  await say(at.one, 'theirs')
  await say(at.two, 'ours')
  assert.deepEqual(
    heard.map(({ position, payload }) => [position, payload]),
    [
      [1, undefined],
      [2, 'ours'],
    ],
  )
})

test('refresh knows of all that was committed before it was called', async () => {
  await using at = await startTwo({ pass: () => undefined })
  for (let n = 1; n <= 20; n++) {
    const reading = at.two.tail.refresh()
    await say(at.one, 'x')
    assert.equal(await at.two.tail.refresh(), n)
    await reading
  }
})

test('memory is bounded: what is too old is beyond the tail', async () => {
  await using at = await startTwo({ limits: { tailRows: 3, tailBytes: 10_000 } })
  for (let n = 0; n < 5; n++) await say(at.one, 'x')
  assert.equal(at.one.tail.since(1), 'beyond the tail')
  assert.deepEqual(positions(at.one.tail.since(2) as TailRow[]), [3, 4, 5])
  assert.deepEqual(at.one.tail.since(5), [])
  assert.deepEqual(at.one.tail.since(99), [])
  await say(at.one, 'x'.repeat(20_000))
  assert.equal(at.one.tail.since(5), 'beyond the tail')
  assert.deepEqual(at.one.tail.since(6), [])
})

test('waiting for a position ends with it, or with the signal', async () => {
  await using at = await startTwo()
  const waiting = at.two.tail.reached(1)
  const given = new AbortController()
  const abandoned = assert.rejects(at.two.tail.reached(9, given.signal), { message: 'gone' })
  await say(at.one, 'x')
  await waiting
  given.abort(new Error('gone'))
  await abandoned
  await assert.rejects(at.two.tail.reached(9, given.signal), { message: 'gone' })
})

test('a listener that throws harms no other', async () => {
  await using at = await startTwo()
  at.one.tail.subscribe(() => {
    throw new Error('a bug')
  })
  const heard = listen(at.one)
  await say(at.one, 'x')
  assert.deepEqual(positions(heard), [1])
})

test('deleted rows are no holes to wait for, and the head cannot be deleted', async () => {
  await using at = await startTwo({ pass: () => undefined })
  for (let n = 0; n < 4; n++) await say(at.one, 'x')
  await at.database.query(sql`delete from log where position in (1, 3)`)
  await assert.rejects(at.database.query(sql`delete from log where position >= 4`), /head/)
  await assert.rejects(at.database.query(sql`update log set kind = 2`), /append-only/)
  await assert.rejects(at.database.query(sql`truncate log`), /append-only/)
  const heard = listen(at.two)
  await at.two.tail.reached(4)
  assert.deepEqual(positions(heard), [2, 4])
})
