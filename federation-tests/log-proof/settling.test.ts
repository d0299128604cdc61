/** What becomes of units whose COMMIT was not answered, one way of losing the answer after the other. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Unit } from '@kith/homeserver/log/log'
import { openLog } from '@kith/homeserver/log/open-log'
import { memoryBus } from '@kith/homeserver/platform/bus'
import { many, openDatabase, sql } from '@kith/homeserver/platform/database'
import { scratchDatabase } from '@kith/homeserver/platform/scratch-database'
import { LONGEST_DELAY_MS, type Spoil, startProxy } from './proxy.ts'
import { proofLimits, toy, toyTables } from './toy.ts'

async function start(limits = proofLimits) {
  const behind = await scratchDatabase()
  await behind.query(toyTables)
  const proxy = await startProxy(behind.url)
  const database = await openDatabase({ url: proxy.url })
  const log = await openLog({ database, bus: memoryBus(), limits })
  log.register(toy)
  const dispose = async () => {
    await log.stop()
    await database.close()
    await proxy[Symbol.asyncDispose]()
    await behind[Symbol.asyncDispose]()
  }
  return { log, proxy, behind, [Symbol.asyncDispose]: dispose }
}

const unit = (token: string, key?: string): Unit => ({
  transactionKeys: key === undefined ? [] : [{ key, result: token }],
  changes: [{ kind: toy.kind, payload: { token, poisoned: false } }],
})

const ways: [Spoil, string][] = [
  ['before', 'COMMIT never arrives'],
  ['after', 'the connection ends as COMMIT arrives'],
  ['unanswered', 'COMMIT is carried out and not answered'],
  ['late', 'the whole transaction arrives only when it has been given up'],
  ['stalled', 'the transaction stops before COMMIT, holding the head'],
]

for (const [spoil, happens] of ways) {
  test(`when ${happens}, each unit is there once, where it was told`, async () => {
    await using at = await start()
    await at.log.commit(unit('a'))
    at.proxy.arm(spoil)
    const told = await Promise.all([at.log.commit(unit('b', 'key')), at.log.commit(unit('c'))])
    assert.deepEqual(told, [{ positions: [2] }, { positions: [3] }])
    // Nothing tells that a transaction will not arrive any more.
    await sleep(LONGEST_DELAY_MS)
    const rows = await many(at.behind, sql`select position, token from toys order by position`)
    assert.deepEqual(
      rows,
      ['a', 'b', 'c'].map((token, index) => ({ position: index + 1, token })),
    )
  })
}

test('when the database stays away after COMMIT, the unit is Unsettled, and its key finds out later', async () => {
  await using at = await start({ ...proofLimits, unitTimeoutMs: 500 })
  await at.log.commit(unit('a'))
  at.proxy.arm('unanswered')
  at.proxy.refuse = true
  await assert.rejects(at.log.commit(unit('b', 'key')), { name: 'Unsettled' })
  await assert.rejects(at.log.commit(unit('c')), { name: 'Busy' })
  at.proxy.refuse = false
  await assert.rejects(at.log.commit(unit('b', 'key')), { name: 'Duplicate', result: 'b' })
  assert.deepEqual(await at.log.commit(unit('d')), { positions: [3] })
})
