import fc from 'fast-check'
import type { Step } from './test-dag.ts'

export const nat = fc.nat({ max: 1000 })

const step: fc.Arbitrary<Step> = fc.record({
  sender: nat,
  action: nat,
  target: nat,
  value: nat,
  joins: nat,
  from: nat,
  skew: nat,
})

/** What people do in a room, for `playDag`. */
export const steps = fc.array(step, { minLength: 20, maxLength: 60, size: 'max' })
