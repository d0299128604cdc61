import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientEvent } from '@kith/spec/api/schemas'
import type { Gap } from '../store/records.ts'
import { placeLive, placePage } from './places.ts'

const event = (id: number): ClientEvent => ({
  event_id: `$${id}`,
  type: 'm.room.message',
  sender: '@a:b',
  origin_server_ts: id,
  content: {},
})

/** A room on a server with events 0 to `count`, and what a client has stored of it. */
function room(order: readonly number[]) {
  const stored = new Map<string, number>()
  let gaps: Gap[] = []
  let next = 0
  let hasStored = false
  return {
    stored,
    gaps: () => gaps,
    /** A sync of the events at these indexes; limited where it doesn't go on from the last one. */
    sync(from: number, to: number, isLimited: boolean) {
      const events = order.slice(from, to).map(event)
      const placed = placeLive(hasStored ? { next, gaps } : undefined, {
        events,
        isLimited,
        prevBatch: String(from),
      })
      hasStored = true
      ;({ gaps, next } = placed)
      for (const [index, { event_id }] of events.entries()) stored.set(event_id, placed.places[index] ?? 0)
    },
    /** Pages back from a gap in the order of `pages`, as a server's tokens do. */
    page(gap: Gap, size: number, pages: readonly number[] = order) {
      const end = Number(gap.token)
      const from = Math.max(end - size, 0)
      const events = pages.slice(from, end).reverse().map(event)
      const below = [...stored.values()].filter((place) => place < gap.before).sort((a, b) => b - a)
      const placed = placePage(gaps, {
        gap,
        events,
        end: from === 0 ? undefined : String(from),
        known: new Map(stored),
        below: below.slice(0, events.length + 1),
      })
      gaps = placed.gaps
      for (const [eventId, place] of placed.places) stored.set(eventId, place)
    },
    ids: () => [...stored].sort(([, a], [, b]) => a - b).map(([id]) => Number(id.slice(1))),
  }
}

const count = (to: number) => Array.from({ length: to }, (_, index) => index)

test('pages of any size close any number of gaps without a hole or a double, in order', () => {
  for (const size of [1, 2, 3, 7, 10, 40]) {
    const order = count(40)
    const { sync, page, gaps, ids } = room(order)
    sync(5, 10, true)
    sync(10, 12, false)
    sync(20, 25, true)
    sync(33, 40, true)
    assert.equal(gaps().length, 3)
    for (let gap = gaps().at(-1); gap; gap = gaps().at(-1)) page(gap, size)
    assert.deepEqual(ids(), order, `pages of ${size}`)
  }
})

test('the older history is paged in while newer gaps are open', () => {
  const order = count(30)
  const { sync, page, gaps, ids } = room(order)
  sync(5, 10, true)
  sync(20, 30, true)
  for (let gap = gaps()[0]; gap && gap.before < 100; gap = gaps()[0]) page(gap, 3)
  assert.deepEqual(ids(), [...count(10), ...order.slice(20)])
  assert.equal(gaps().length, 1)
})

test('a server whose pages have another order than its syncs still leaves no hole', () => {
  const order = count(30)
  // The pages show 12 late, among what came after it.
  const pages = [...count(12), ...order.slice(13, 18), 12, ...order.slice(18)]
  for (const size of [1, 2, 5, 30]) {
    const { sync, page, gaps, ids } = room(order)
    sync(8, 14, true)
    sync(24, 30, true)
    for (let gap = gaps().at(-1); gap; gap = gaps().at(-1)) page(gap, size, pages)
    assert.deepEqual(
      ids().sort((a, b) => a - b),
      order,
      `pages of ${size}`,
    )
  }
})
