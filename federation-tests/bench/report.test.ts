import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare, type Run, type Subject, table } from './report.ts'

test('the report compares medians with those of the same scenario', () => {
  const runs = [
    ...runsOf('synapse', [100, 90, 400]),
    ...runsOf('kith', [2000, 3000, 1000]),
    ...runsOf('kith, old snapshot', [1900, 1800, 9000]),
  ]

  const rows = compare(runs).map(({ subject, perSecond, ratio }) => [subject, perSecond, ratio])

  assert.deepEqual(rows, [
    ['kith', 2000, 20],
    ['kith, old snapshot', 1900, 0.95],
    ['synapse', 100, undefined],
  ])
  assert.match(table(compare(runs)), /in one room {2}kith +2000 +1\.0 +9\.0 +20\.00 x synapse/)
})

function runsOf(subject: Subject, rates: number[]): Run[] {
  return rates.map((perSecond, round) => ({
    round,
    scenario: 'in one room',
    subject,
    result: { sent: 1, failed: 0, perSecond, p50Ms: 1, p95Ms: 5, p99Ms: 9 },
  }))
}
