import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson, compareCodePoints } from './canonical-json.ts'
import type { Json } from './json.ts'

interface Vector {
  input: string
  canonical: string
}

const vectors: Vector[] = JSON.parse(
  readFileSync(new URL('../vectors/canonical-json.json', import.meta.url), 'utf8'),
)

test('J8: the vectors of the specification, and the traps beside them', () => {
  for (const { input, canonical } of vectors) assert.equal(canonicalJson(JSON.parse(input)), canonical)
})

test('J2: what JSON cannot hold exactly is refused', () => {
  const bad: unknown[] = [
    0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    -(2 ** 53),
    '\ud800',
    undefined,
    1n,
  ]
  for (const value of bad) {
    assert.throws(() => canonicalJson({ a: [value as Json] }), { code: 'M_BAD_JSON' }, String(value))
  }
  assert.throws(() => canonicalJson({ '\udfff': 1 }), { code: 'M_BAD_JSON' })
})

test('floats pass where they are asked for, but never what is not a number', () => {
  assert.equal(canonicalJson({ b: 0.5, a: 2 ** 53 }, { floats: true }), '{"a":9007199254740992,"b":0.5}')
  assert.throws(() => canonicalJson(Number.NaN, { floats: true }), { code: 'M_BAD_JSON' })
})

test('J3: nesting is bounded before the call stack is', () => {
  const nested = (levels: number) => {
    let value: Json = []
    for (let i = 1; i < levels; i++) value = [value]
    return value
  }
  assert.equal(canonicalJson(nested(5), { maxDepth: 5 }), '[[[[[]]]]]')
  assert.throws(() => canonicalJson(nested(6), { maxDepth: 5 }), { code: 'M_BAD_JSON' })
  assert.throws(() => canonicalJson(nested(100_000)), { code: 'M_BAD_JSON' })
})

test('J8: parsing gives the value back, and keys are compared by code point', () => {
  const text = fc.string({ unit: 'binary', maxLength: 6 })
  const value = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      fc.maxSafeInteger().map((n) => n + 0),
      text,
      fc.constantFrom(null, true, false),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(text, tie('json'), { maxKeys: 40, noNullPrototype: true }),
    ),
  })).json
  fc.assert(
    fc.property(value, (json) => {
      assert.deepEqual(JSON.parse(canonicalJson(json)), json)
    }),
  )
  fc.assert(
    fc.property(text, text, (a, b) => {
      const points = (word: string) => [...word].map((character) => character.codePointAt(0) as number)
      const [x, y] = [points(a), points(b)]
      const at = x.findIndex((point, index) => point !== y[index])
      const expected =
        at < 0 ? x.length - y.length : at >= y.length ? 1 : (x[at] as number) - (y[at] as number)
      assert.equal(Math.sign(compareCodePoints(a, b)), Math.sign(expected))
    }),
  )
})
