import assert from 'node:assert/strict'
import { test } from 'node:test'
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { Check } from 'typebox/value'
import type { banUser } from './banning.ts'
import type { BodyOf, ParamsOf, QueryOf, ReturnsOf } from './endpoint.ts'
import type { getMessages } from './message-pagination.ts'
import { Content, EventId, RoomId, RoomIdOrAlias, record, ServerName, UserId } from './schemas.ts'

const numbers = record(Type.Integer())

const cases: [schema: Type.TSchema, value: unknown, fits: boolean][] = [
  [UserId, '@alice:kith.test', true],
  [UserId, 'alice', false],
  [UserId, 7, false],
  [RoomId, '!room:kith.test', true],
  [RoomId, '#room:kith.test', false],
  [RoomIdOrAlias, '#room:kith.test', true],
  [RoomIdOrAlias, '$event', false],
  [EventId, '$event', true],
  [EventId, '', false],
  [ServerName, 'kith.test:8448', true],
  [ServerName, 'kith.test/path', false],
  [Content, {}, true],
  [Content, [], false],
  [Content, null, false],
  [numbers, { a: 1, '': 2 }, true],
  [numbers, { a: 'x' }, false],
  [numbers, { 'a\nb': 'x' }, false],
  [numbers, JSON.parse('{"__proto__":"x"}'), false],
  [numbers, [], false],
]
for (const [schema, value, fits] of cases) {
  test(`${JSON.stringify(value)} ${fits ? 'fits' : 'does not fit'} ${JSON.stringify(schema)}`, () => {
    assert.equal(Compile(schema).Check(value), fits)
    assert.equal(Check(schema, value), fits)
  })
}

test('a contract gives the types of what it takes and returns', () => {
  const params: ParamsOf<typeof banUser> = { roomId: '!room:kith.test' }
  const body: BodyOf<typeof banUser> = { user_id: '@bob:kith.test', reason: undefined }
  const query: QueryOf<typeof getMessages> = { dir: 'b', limit: 3 }
  // @ts-expect-error a direction is b or f
  const wrong: QueryOf<typeof getMessages> = { dir: 'x' }
  // @ts-expect-error a page has a start
  const short: ReturnsOf<typeof getMessages> = { chunk: [] }
  assert.ok(params && body && query && wrong && short)
})
