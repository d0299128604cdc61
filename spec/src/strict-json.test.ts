import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json } from './json.ts'
import { parseJson } from './strict-json.ts'
import { cpuTimeMs } from './test-cpu-time.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('J1: a body that is empty, not JSON or not UTF-8 is M_NOT_JSON', () => {
  const bad = ['', ' ', '{', '{"a":1}x', "{'a':1}", '[1,]', '\ufeff{}', 'nul', '{"a" 1}', '"\n"', '01', '-']
  for (const text of bad) {
    for (const mode of ['plain', 'canonical'] as const) {
      assert.throws(() => parseJson(bytes(text), mode), { code: 'M_NOT_JSON' }, `${mode} ${text}`)
    }
  }
  assert.throws(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22), 'plain'), { code: 'M_NOT_JSON' })
  assert.throws(() => parseJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 'plain'), { code: 'M_NOT_JSON' })
})

test('J2: signed JSON refuses by its raw tokens what canonical JSON cannot hold', () => {
  const bad = [
    '{"a":1,"a":1}',
    '{"a":{"b":1},"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"__proto__":1,"__proto__":2}',
    '1.0',
    '[1.5]',
    '1e2',
    '1E2',
    '{"a":[0,-0]}',
    '9007199254740992',
    '-9007199254740992',
    '9007199254740993',
    '123456789012345678901234567890',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '{"\\uD83D":1}',
    '"\\ud83d\\ud83d\\ude00"',
  ]
  for (const text of bad) {
    assert.throws(() => parseJson(bytes(text), 'canonical'), { code: 'M_BAD_JSON' }, text)
    assert.doesNotThrow(() => parseJson(bytes(text), 'plain'), text)
  }
})

test('J2: what only looks like a bad token is accepted', () => {
  const good = [
    '{"a":"1.0 -0 1e5 : { [","b":"\\\\","c":"\\"1.5"}',
    '[0,-1,9007199254740991,-9007199254740991]',
    '"\\ud83d\\ude00"',
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}',
    '"\\\\ud800"',
    '{"":1," ":2}',
  ]
  for (const text of good) assert.deepEqual(parseJson(bytes(text), 'canonical'), JSON.parse(text), text)
})

test('J2: a number too large for a double is refused everywhere', () => {
  assert.throws(() => parseJson('1e999', 'plain'), { code: 'M_BAD_JSON' })
  assert.equal(parseJson('0.25', 'plain'), 0.25)
})

test('J3: nesting over 128 levels or over 50,000 keys is M_BAD_JSON, at any size', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  const keyed = (count: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 1])))
  for (const mode of ['plain', 'canonical'] as const) {
    parseJson(nested(128), mode)
    parseJson(keyed(50_000), mode)
    assert.throws(() => parseJson(nested(129), mode), { code: 'M_BAD_JSON' })
    assert.throws(() => parseJson(nested(1_000_000), mode), { code: 'M_BAD_JSON' })
    assert.throws(() => parseJson('{"a":'.repeat(1_000_000), mode), { code: 'M_BAD_JSON' })
    assert.throws(() => parseJson(keyed(50_001), mode), { code: 'M_BAD_JSON' })
  }
})

test('J7: NUL and other control characters in strings survive', () => {
  assert.deepEqual(parseJson('{"a\\u0000":"b\\u0000\\u0001"}', 'canonical'), { 'a\0': 'b\0\x01' })
})

test('J9: __proto__, constructor and toString are keys like any other', () => {
  const value = parseJson('{"__proto__":{"admin":true},"constructor":1,"toString":2}', 'canonical')
  assert.deepEqual(Object.keys(value as object), ['__proto__', 'constructor', 'toString'])
  assert.equal(({} as { admin?: boolean }).admin, undefined)
})

test('every JSON value with safe integers is parsed as JSON.parse does', () => {
  const tree = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constant(null),
      fc.boolean(),
      fc.maxSafeInteger().map((n) => n + 0),
      fc.string({ unit: 'binary' }),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(fc.string({ unit: 'binary' }), tie('value'), { maxKeys: 5, noNullPrototype: true }),
    ),
  })).value
  fc.assert(
    fc.property(tree, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      assert.deepEqual(parseJson(bytes(text), 'canonical'), JSON.parse(text))
    }),
  )
})

test('J3: scanning is linear: quotes and backslashes without end do not slow it down', () => {
  const hostile = [
    `"${'\\'.repeat(2_000_000)}`,
    '"'.repeat(2_000_000),
    '-'.repeat(2_000_000),
    '\\"'.repeat(1_000_000),
  ]
  for (const text of hostile) {
    const tookMs = cpuTimeMs(() => assert.throws(() => parseJson(text, 'canonical'), { code: 'M_NOT_JSON' }))
    assert.ok(tookMs < 1000, `${tookMs} ms`)
  }
})
