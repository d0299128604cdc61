import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readMatrixTo } from './matrix-to.ts'

test('a matrix.to link leads to a person, a room or a message', () => {
  const room = '!garden:kith.test'
  const cases: [string, ReturnType<typeof readMatrixTo>][] = [
    ['https://matrix.to/#/@ada:kith.test', { kind: 'person', userId: '@ada:kith.test' }],
    ['https://matrix.to/#/%40ada%3Akith.test', { kind: 'person', userId: '@ada:kith.test' }],
    ['https://matrix.to/#/#tea:kith.test', { kind: 'room', target: '#tea:kith.test' }],
    ['https://matrix.to/#/%23tea%3Akith.test?via=kith.test', { kind: 'room', target: '#tea:kith.test' }],
    [`https://matrix.to/#/${room}`, { kind: 'room', target: room }],
    ['https://matrix.to/#/!v12', { kind: 'room', target: '!v12' }],
    [`https://matrix.to/#/${room}/$event?via=a`, { kind: 'room', target: room, eventId: '$event' }],
  ]
  for (const [href, expected] of cases) assert.deepEqual(readMatrixTo(href), expected, href)
})

test('no other link is taken for one', () => {
  const others = [
    'https://matrix.to/',
    'https://matrix.to/#/ada',
    'https://matrix.to/#/@ada',
    'https://matrix.to/#/%E0%A4%A',
    'https://matrix.to.evil.test/#/@ada:kith.test',
    'https://evil.test/?https://matrix.to/#/@ada:kith.test',
    'javascript:alert(1)//https://matrix.to/#/@ada:kith.test',
  ]
  for (const href of others) assert.equal(readMatrixTo(href), undefined, href)
})
