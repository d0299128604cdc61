import assert from 'node:assert/strict'
import test from 'node:test'
import { TokenBuckets } from './token-buckets.ts'

test('a bucket gives its burst, then one token per interval, and says how long to wait', () => {
  let now = 1_000_000
  const buckets = new TokenBuckets({ perSecond: 2, burst: 3 }, () => now)
  assert.deepEqual([buckets.take('a'), buckets.take('a'), buckets.take('a')], [0, 0, 0])
  assert.equal(buckets.take('a'), 500)
  assert.equal(buckets.take('b'), 0, 'other keys are not touched')
  now += 499
  assert.equal(buckets.take('a'), 1)
  now += 1
  assert.equal(buckets.take('a'), 0)
  assert.equal(buckets.take('a'), 500)
})

test('a refused request costs nothing, and a pause fills the bucket but not beyond its burst', () => {
  let now = 0
  const buckets = new TokenBuckets({ perSecond: 1, burst: 2 }, () => now)
  for (let i = 0; i < 100; i++) buckets.take('a')
  now += 60_000
  assert.deepEqual([buckets.take('a'), buckets.take('a')], [0, 0])
  assert.equal(buckets.take('a'), 1000)
})

test('very many keys do not take ever more memory, and old ones come back full', () => {
  const buckets = new TokenBuckets({ perSecond: 1, burst: 1 }, () => 0)
  for (let i = 0; i < 150_000; i++) buckets.take(`key ${i}`)
  assert.equal(buckets.peek('key 149999'), 1000)
  assert.equal(buckets.peek('key 0'), 0)
})
