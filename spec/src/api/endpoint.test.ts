import assert from 'node:assert/strict'
import { test } from 'node:test'
import Type from 'typebox'
import { endpoint, parseQuery } from './endpoint.ts'

const schema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 0 })),
  offset: Type.Optional(Type.Integer()),
  full: Type.Optional(Type.Boolean()),
  dir: Type.Enum(['f', 'b']),
  via: Type.Optional(Type.Array(Type.String())),
})

const parse = (query: string) => parseQuery(schema, new URLSearchParams(query))

test('a query is read as the types its schema declares', () => {
  assert.deepEqual(parse('dir=f&limit=10&offset=-3&full=false&via=a&via=b&other=1'), {
    dir: 'f',
    limit: 10,
    offset: -3,
    full: false,
    via: ['a', 'b'],
  })
})

test('the first of a repeated single value counts', () => {
  assert.deepEqual(parse('dir=b&limit=1&limit=2'), { dir: 'b', limit: 1 })
})

for (const bad of ['12abc', '-1', '1e9', '1152921504606846976', '', ' 1', '+1', '0x10', '1.0', '007', '-0']) {
  test(`J12: the number '${bad}' is refused`, () => {
    assert.throws(() => parse(`dir=f&limit=${encodeURIComponent(bad)}`), { code: 'M_INVALID_PARAM' })
  })
}

for (const bad of ['dir=x', 'dir=f&full=1', 'dir=f&full=TRUE']) {
  test(`a value outside its type is refused: ${bad}`, () => {
    assert.throws(() => parse(bad), { code: 'M_INVALID_PARAM' })
  })
}

test('a required query parameter that is missing is named', () => {
  assert.throws(() => parse('limit=1'), { code: 'M_MISSING_PARAM', message: /dir/ })
})

test('J9: a query parameter named like a member of every object changes nothing', () => {
  assert.deepEqual(Object.keys(parse('dir=f&__proto__=x&constructor=y')), ['dir'])
})

test('the r0 forms of v3 paths are accepted without being listed', () => {
  const contract = endpoint({
    method: 'GET',
    path: '/_matrix/client/v3/things/{id}',
    spec: 'client-server-api/#things',
    auth: 'none',
    rate: 'read',
    params: Type.Object({ id: Type.String() }),
    returns: Type.Object({}),
    aliases: ['/_matrix/client/unstable/things/{id}', '/_matrix/client/v3/things/{id}/'],
  })
  assert.deepEqual(contract.aliases, [
    '/_matrix/client/unstable/things/{id}',
    '/_matrix/client/v3/things/{id}/',
    '/_matrix/client/r0/things/{id}',
    '/_matrix/client/r0/things/{id}/',
  ])
  assert.equal(contract.bodyUse, 'none')
})
