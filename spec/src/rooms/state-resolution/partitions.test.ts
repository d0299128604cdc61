import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { roomVersions } from '../room-version.ts'
import { courseIn, disagreement, playPartitions, type Resolver } from './test-partitions.ts'

const course = courseIn([...roomVersions.keys()])

test('A7: servers that were cut off from each other have one state once all have heard all', () => {
  fc.assert(
    fc.property(course, (played) => {
      assert.equal(disagreement(playPartitions(played)), undefined)
    }),
    { numRuns: 200 },
  )
})

test('servers that let what they heard last win are seen to disagree', () => {
  const lastHeard: Resolver = ({ events }, states) => {
    const heard = new Map([...events.keys()].map((id, index) => [id, index]))
    const entries = states.flatMap((state) => [...state])
    return new Map(entries.sort(([, a], [, b]) => (heard.get(a) ?? 0) - (heard.get(b) ?? 0)))
  }
  const found = fc.check(
    fc.property(course, (played) => disagreement(playPartitions(played, lastHeard)) === undefined),
    { numRuns: 200, endOnFailure: true },
  )
  assert.ok(found.failed)
})
