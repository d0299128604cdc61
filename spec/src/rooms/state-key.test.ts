import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { splitStateKey, stateKeyOf } from './state-key.ts'

const text = fc.string({ unit: fc.constantFrom('a', '%', '0', '2', '5', '\0', '\x01') })

test('J7: a name of a state entry can be split again, whatever its type and state key hold', () => {
  fc.assert(
    fc.property(text, text, (type, stateKey) => {
      assert.deepEqual(splitStateKey(stateKeyOf(type, stateKey)), [type, stateKey])
    }),
  )
})
