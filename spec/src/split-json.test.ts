import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { splitJson } from './split-json.ts'

const split = (text: string, ...names: string[]) => splitJson(text, new Set(names))

test('items are taken out by their raw text and the rest is parsed', () => {
  const { rest, items } = split(' { "a" : 1, "pdus" : [ {"x":1.0} , {"y":"],}\\""},[2] ] , "b":[3]} ', 'pdus')
  assert.deepEqual(rest, { a: 1, b: [3] })
  assert.deepEqual(
    items.get('pdus')?.map((item) => item.trim()),
    ['{"x":1.0}', '{"y":"],}\\""}', '[2]'],
  )
})

test('a member that is no array is one item, and a missing one is no entry', () => {
  const { items } = split('{"event":{"a":1},"pdus":[]}', 'event', 'pdus', 'state')
  assert.deepEqual(
    [...items],
    [
      ['event', ['{"a":1}']],
      ['pdus', []],
    ],
  )
})

test('J1: a body that is not an object of JSON is refused', () => {
  for (const text of ['', '{', '{"a":}', '{"pdus":[]', '{"a":1}}', '{"a":1,}']) {
    assert.throws(() => split(text, 'pdus'), { code: 'M_NOT_JSON' }, text)
  }
  for (const text of ['[]', '1', 'null'])
    assert.throws(() => split(text, 'pdus'), { code: 'M_BAD_JSON' }, text)
})

test('garbage among the items stays in an item that is not JSON', () => {
  for (const list of ['[1,]', '[,1]', '[1 2]', '[1}', '[1,,2]', '[nul]']) {
    const items = split(`{"pdus":${list},"a":1}`, 'pdus').items.get('pdus') ?? []
    assert.throws(() => items.map((item) => JSON.parse(item)), SyntaxError, list)
  }
  assert.throws(() => split('{"pdus":[{]}],"a":1}', 'pdus'), { code: 'M_NOT_JSON' })
})

test('splitting and parsing the items equals parsing the whole', () => {
  const value = fc.jsonValue({ maxDepth: 3 })
  const body = fc.record({ a: value, pdus: fc.array(value), z: value }, { requiredKeys: [] })
  fc.assert(
    fc.property(body, fc.constantFrom(undefined, 2), (whole, indent) => {
      const { rest, items } = split(JSON.stringify(whole, null, indent), 'pdus')
      const pdus = items.get('pdus')?.map((item) => JSON.parse(item))
      assert.deepEqual(pdus ? { ...rest, pdus } : rest, JSON.parse(JSON.stringify(whole)))
    }),
  )
})

test('a nested body of a megabyte is split without recursion', () => {
  const deep = '['.repeat(500_000) + ']'.repeat(500_000)
  assert.equal(split(`{"pdus":[${deep}]}`, 'pdus').items.get('pdus')?.[0], deep)
})
