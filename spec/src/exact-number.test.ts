import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from './canonical-json.ts'
import { ExactNumber } from './exact-number.ts'
import { isObject, type JsonObject } from './json.ts'
import { parseJson } from './strict-json.ts'

/** As Python's canonicaljson 2.0 writes what Python reads. */
const written: Record<string, string> = {
  '1': '1',
  '-0': '0',
  '9007199254740991': '9007199254740991',
  '9007199254740993': '9007199254740993',
  '-99999999999999999999999': '-99999999999999999999999',
  '1.0': '1.0',
  '-0.0': '-0.0',
  '1e2': '100.0',
  '1E5': '100000.0',
  '0.5': '0.5',
  '50.570': '50.57',
  '0.0001': '0.0001',
  '1e-5': '1e-05',
  '-1e-7': '-1e-07',
  '1e15': '1000000000000000.0',
  '1e16': '1e+16',
  '1e22': '1e+22',
  '123456789012345680.0': '1.2345678901234568e+17',
  '100000000000000000000000.0': '1e+23',
  '1.5e300': '1.5e+300',
  '5e-324': '5e-324',
}

test('in rooms with lenient JSON any number is hashed as Synapse hashes it, whatever is around it', () => {
  for (const [token, text] of Object.entries(written)) {
    const value = parseJson(`{"b":[${token},{"__proto__":${token}}],"a":${token}}`, 'exact')
    assert.equal(canonicalJson(value), `{"a":${text},"b":[${text},{"__proto__":${text}}]}`, token)
    assert.equal(canonicalJson(parseJson(canonicalJson(value), 'exact')), canonicalJson(value))
    if (token !== '-0')
      assert.equal(JSON.stringify(value), `{"b":[${text},{"__proto__":${text}}],"a":${text}}`)
  }
})

test('of a key that is there twice the last one counts, and a lone surrogate or an endless number is refused', () => {
  assert.equal(canonicalJson(parseJson('{"a":1,"b":2.0,"a":3.0}', 'exact')), '{"a":3.0,"b":2.0}')
  for (const text of ['1e400', '[-1E400]', '"\\ud800"', '{"\\udc00":1}']) {
    assert.throws(() => parseJson(text, 'exact'), { code: 'M_BAD_JSON' }, text)
  }
  for (const text of ['1.', '[01]', '{"a":1.5', 'NaN', '']) {
    assert.throws(() => parseJson(text, 'exact'), { code: 'M_NOT_JSON' }, text)
  }
  assert.throws(() => parseJson(`${'['.repeat(200)}1.0${']'.repeat(200)}`, 'exact'), { code: 'M_BAD_JSON' })
})

test('a number that is kept as it came is no object, and is refused where JSON is strict', () => {
  const { a } = parseJson('{"a":1.0}', 'exact') as JsonObject
  assert.ok((a as unknown) instanceof ExactNumber)
  assert.equal(isObject(a), false)
  assert.throws(() => canonicalJson({ a: a as number }, { strict: true }), { code: 'M_BAD_JSON' })
})

test('a fraction keeps its value, and what JavaScript can hold is an ordinary number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      assert.equal(
        Number(canonicalJson(parseJson(JSON.stringify([number]), 'exact')).slice(1, -1)),
        number + 0,
      )
    }),
  )
  assert.deepEqual(parseJson('{"a":[1,-5,"x",null]}', 'exact'), { a: [1, -5, 'x', null] })
})
