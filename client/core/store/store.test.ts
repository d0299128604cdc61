import 'fake-indexeddb/auto'
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { ClientEvent } from '@kith/spec/api/schemas'
import { newRoom } from '../rooms/change.ts'
import { openIndexedStore } from './indexed-store.ts'
import { memoryStore } from './memory-store.ts'
import type { OutboxRecord, StoredEvent } from './records.ts'
import type { Store } from './store.ts'

const stores: [string, () => Promise<Store>][] = [
  ['memory', async () => memoryStore()],
  ['IndexedDB', () => openIndexedStore(randomUUID())],
]

const event = (eventId: string, type = 'm.room.message', stateKey?: string): ClientEvent => ({
  ...{ event_id: eventId, type, sender: '@a:b', origin_server_ts: 1, content: {} },
  ...(stateKey !== undefined && { state_key: stateKey }),
})
const stored = (roomId: string, place: number): StoredEvent => {
  const eventId = `$${roomId}${place}`
  return { roomId, place, eventId, event: event(eventId) }
}
const queued = (txnId: string, order: number): OutboxRecord => ({
  ...{ txnId, order, roomId: '!a', at: 1, state: 'queued' },
  what: { kind: 'event', type: 'm.room.message', content: {} },
})

for (const [name, open] of stores) {
  test(`${name}: events are read by room and place, back from any point`, async () => {
    const store = await open()
    await store.write({ events: [-2, -1, -0.5, 0, 1, 2 ** 21].map((place) => stored('!a', place)) })
    await store.write({ events: [stored('!b', 0), { ...stored('!a', 1), event: event('$!a1', 'changed') }] })

    const places = async (range: Parameters<Store['events']>[1]) =>
      (await store.events('!a', range)).map(({ place }) => place)
    assert.deepEqual(await places({ limit: 3 }), [0, 1, 2 ** 21])
    assert.deepEqual(await places({ before: 0, limit: 2 }), [-1, -0.5])
    assert.deepEqual(await places({ before: 2 ** 21, from: -1, limit: 10 }), [-1, -0.5, 0, 1])
    assert.deepEqual(await places({ before: 1, from: 1, limit: 10 }), [])
    const found = await store.findEvents('!a', ['$!a1', '$!b0', '$nothing'])
    assert.deepEqual(
      found.map(({ event: { type } }) => type),
      ['changed'],
    )
    store.close()
  })

  test(`${name}: state and receipts have one row for each key, and the queue its order`, async () => {
    const store = await open()
    const member = (eventId: string, stateKey: string) => ({
      ...{ roomId: '!a', type: 'm.room.member', stateKey },
      event: event(eventId, 'm.room.member', stateKey),
    })
    const topic = { ...member('$t', ''), type: 'm.room.topic' }
    await store.write({ state: [member('$1', '@a:b'), member('$2', '@c:d'), topic] })
    await store.write({
      state: [member('$3', '@a:b')],
      receipts: [{ roomId: '!a', userId: '@a:b', eventId: '$1', at: 1 }],
    })
    await store.write({ receipts: [{ roomId: '!a', userId: '@a:b', eventId: '$2', at: 2 }] })
    await store.write({ outbox: [queued('b', 2), queued('a', 1), queued('c', 3)], rooms: [newRoom('!a', 1)] })
    await store.write({ sent: ['b'], token: 's1' })

    const ids = (await store.members('!a')).map(({ event: { event_id } }) => event_id)
    assert.deepEqual(ids.sort(), ['$2', '$3'])
    assert.equal((await store.stateEvent('!a', 'm.room.topic', ''))?.event.event_id, '$t')
    assert.deepEqual(
      (await store.receipts('!a')).map(({ eventId }) => eventId),
      ['$2'],
    )
    const loaded = await store.load()
    assert.deepEqual(
      loaded.outbox.map(({ txnId }) => txnId),
      ['a', 'c'],
    )
    assert.equal(loaded.token, 's1')
    await store.wipe()
    assert.deepEqual((await store.load()).rooms, [])
    assert.deepEqual(await store.members('!a'), [])
    store.close()
  })
}

test('IndexedDB: a write that fails in one part leaves nothing behind, the token included', async () => {
  const store = await openIndexedStore(randomUUID())
  await store.write({ token: 's1', events: [stored('!a', 0)] })
  const twice = { ...stored('!a', 5), eventId: '$!a0' }

  await assert.rejects(store.write({ token: 's2', rooms: [newRoom('!a', 1)], events: [twice] }))

  const { token, rooms } = await store.load()
  assert.deepEqual([token, rooms], ['s1', []])
  store.close()
})
