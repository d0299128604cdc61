import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventItem, GapItem, TimelineItem } from '../../../../core/views.ts'
import { type Row, reuseRows, rowsOf } from './rows.ts'

const minuteMs = 60_000
const noon = new Date(2026, 4, 10, 12).getTime()
const ada = { userId: '@ada:kith.test', name: 'Ada' }
const bo = { userId: '@bo:kith.test', name: 'Bo' }

function said(key: string, more: Partial<EventItem> = {}): EventItem {
  return {
    kind: 'event',
    key,
    eventId: `$${key}`,
    at: noon,
    sender: bo,
    isMine: false,
    body: { kind: 'text', text: key },
    reactions: [],
    mentionsMe: false,
    can: { edit: false, redact: false },
    readers: [],
    ...more,
  }
}

function joined(key: string, target = bo): EventItem {
  return said(key, {
    sender: target,
    body: { kind: 'membership', change: 'joined', target, isTargetMe: false },
  })
}

const gap: GapItem = { kind: 'gap', key: 'gap 1', state: 'waiting' }
const rows = (items: TimelineItem[], more: Partial<Parameters<typeof rowsOf>[0]> = {}) =>
  rowsOf({ items, older: 'none', leftKey: undefined, ...more })
const keys = (list: readonly Row[]) => list.map(({ key }) => key)
const headsOf = (list: readonly Row[]) =>
  list.flatMap((row) => (row.kind === 'message' && row.isHead ? [row.key] : []))

test('messages of one sender within five minutes are one group', () => {
  const list = rows([
    said('a'),
    said('b', { at: noon + 4 * minuteMs }),
    said('c', { at: noon + 9 * minuteMs }),
    said('d', { at: noon + 9 * minuteMs, sender: ada, isMine: true }),
    said('e', { at: noon + 10 * minuteMs }),
  ])
  assert.deepEqual(headsOf(list), ['a', 'c', 'd', 'e'])
  const tails = list.flatMap((row) => (row.kind === 'message' && row.isTail ? [row.key] : []))
  assert.deepEqual(tails, ['b', 'c', 'd', 'e'])
})

test('a day begins with its date, and a group with it', () => {
  const midnight = new Date(2026, 4, 11).getTime()
  const list = rows([said('a', { at: midnight - 1000 }), said('b', { at: midnight })])
  assert.deepEqual(keys(list), ['day a', 'a', 'day b', 'b'])
  assert.deepEqual(headsOf(list), ['a', 'b'])
})

test('joins in a row are told in one line, up to the next of another kind', () => {
  const list = rows([joined('a', ada), joined('b', bo), said('c'), joined('d', ada)])
  assert.deepEqual(keys(list), ['day a', 'b', 'c', 'd'])
  const [, run] = list
  assert.ok(run?.kind === 'notice')
  assert.deepEqual(keys(run.items.map((item) => ({ kind: 'notice', key: item.key, items: [] }))), ['a', 'b'])
})

test('nothing that is shown changes when older messages come', () => {
  const newer = [said('d'), said('e'), said('f', { sender: ada })]
  const before = rows(newer, { older: 'yes' })
  const after = rows([said('a'), joined('b'), said('c'), ...newer], { older: 'loading' })
  assert.deepEqual(before, after.slice(-before.length))
  assert.deepEqual(keys(before), ['e', 'f'])
})

test('a run of joins at the top waits for its beginning', () => {
  assert.deepEqual(keys(rows([joined('a'), joined('b', ada), said('c')], { older: 'yes' })), ['c'])
})

test('the only message there is does not wait', () => {
  assert.deepEqual(keys(rows([said('a')], { older: 'yes' })), ['day a', 'a'])
})

test('what comes after a gap waits until it is closed', () => {
  const list = rows([said('a'), gap, said('b'), said('c')])
  assert.deepEqual(keys(list), ['day a', 'a', 'gap 1', 'c'])
  assert.deepEqual(keys(rows([said('a'), said('b'), said('c')])), ['day a', 'a', 'b', 'c'])
})

test('what is new begins with the first message of somebody else after where one left off', () => {
  const items = [said('a'), said('b', { sender: ada, isMine: true }), joined('c', ada), said('d'), said('e')]
  assert.deepEqual(keys(rows(items, { leftKey: 'a' })), ['day a', 'a', 'b', 'c', 'new d', 'd', 'e'])
  assert.deepEqual(keys(rows(items, { leftKey: 'e' })), ['day a', 'a', 'b', 'c', 'd', 'e'])
  assert.deepEqual(keys(rows([said('a'), gap, said('b'), said('c')], { leftKey: 'a' })), [
    'day a',
    'a',
    'gap 1',
    'c',
  ])
})

test('my newest message is marked as sent until somebody has read it', () => {
  const mine = (key: string, more: Partial<EventItem> = {}) =>
    said(key, { sender: ada, isMine: true, ...more })
  const sent = (items: TimelineItem[]) =>
    rows(items).flatMap((row) => (row.kind === 'message' && row.isSent ? [row.key] : []))
  assert.deepEqual(sent([mine('a'), mine('b'), said('c')]), ['b'])
  assert.deepEqual(sent([mine('a'), mine('b', { send: { state: 'sending' } })]), [])
  assert.deepEqual(sent([mine('a'), mine('b', { send: { state: 'sent' } })]), ['b'])
  assert.deepEqual(sent([mine('a', { readers: [bo] })]), [])
  assert.deepEqual(sent([mine('a'), said('b', { readers: [ada] })]), [])
  assert.deepEqual(sent([mine('a', { readers: [bo] }), mine('b')]), ['b'])
})

test('rows that say the same stay the same objects', () => {
  const items = [said('a'), joined('b'), said('c')]
  const before = rows(items)
  const again = reuseRows(new Map(before.map((row) => [row.key, row])), rows([...items, said('d')]))
  assert.deepEqual(
    again.map((row, index) => row === before[index]),
    [true, true, true, false, false],
  )
})
