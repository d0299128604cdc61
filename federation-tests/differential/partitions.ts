import { roomVersions } from '@kith/spec/rooms/room-version'
import { courseIn, disagreement, playPartitions } from '@kith/spec/rooms/state-resolution/test-partitions'
import fc from 'fast-check'

const versions = [...roomVersions.keys()]

/**
 * Plays rooms of four servers that are cut off from each other now and then.
 *
 * @returns how the servers came to differ, with the smallest course that shows it; undefined when they never do
 */
export function provePartitions(seed: number, runs: number): string | undefined {
  const property = fc.property(courseIn(versions), (course) => {
    const what = disagreement(playPartitions(course))
    if (what !== undefined) throw new Error(what)
  })
  const { failed, errorInstance, counterexample } = fc.check(property, { seed, numRuns: runs })
  return failed ? `${errorInstance}: ${JSON.stringify(counterexample)}` : undefined
}
