/**
 * The proof of the log. `KITH_PROOF_SEED=n` plays another course. Needs KITH_TEST_DATABASE_URL.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge } from './checks.ts'
import type { Evidence } from './evidence.ts'
import { plants } from './plants.ts'
import { runProof } from './run-proof.ts'
import { LONGEST_WAIT_MS } from './toy.ts'

const seed = Number(process.env.KITH_PROOF_SEED ?? 1)
const SECONDS = 15
const PLANTED_SECONDS = 4

function summary({ answers, log, misfortunes }: Evidence): string {
  const counts = Map.groupBy(answers, ({ answer }) => answer)
  const told = [...counts].map(([answer, { length }]) => `${length} ${answer}`).join(', ')
  const longest = Math.max(...answers.map(({ waitedMs }) => waitedMs))
  return `seed ${seed}: ${log.length} rows; ${told}; longest wait ${longest} ms; ${misfortunes.join(' ')}`
}

test('whatever befalls three processes, the log keeps its promises', async (t) => {
  const evidence = await runProof({ seed, seconds: SECONDS })
  t.diagnostic(summary(evidence))
  assert.deepEqual(judge(evidence, LONGEST_WAIT_MS), {})
  assert.ok(evidence.log.length > 1000, 'something was written')
})

/** Whether a fault shows in one course depends on what the machine does meanwhile; in several it must. */
const COURSES = 6

for (const [fault, plant] of Object.entries(plants)) {
  test(`a log that ${fault} is found out`, async (t) => {
    const found = new Set<string>()
    for (let course = 0; course < COURSES && !found.has(plant.foundBy); course++) {
      const evidence = await runProof({ seed: seed + course, seconds: PLANTED_SECONDS, plant })
      t.diagnostic(summary(evidence))
      for (const name of Object.keys(judge(evidence, LONGEST_WAIT_MS))) found.add(name)
    }
    assert.ok(found.has(plant.foundBy), `found: ${[...found]}`)
  })
}
