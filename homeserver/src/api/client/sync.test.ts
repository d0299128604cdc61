import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import { startTestServer } from '../test-server.ts'
import { Syncer } from './test-syncer.ts'

test('an initial sync tells the rooms, and the next one what happened since', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const room = String(
    (await alice.must('POST', 'createRoom', { preset: 'public_chat', name: 'Kitchen' })).room_id,
  )
  await bob.must('POST', `join/${room}`, {})
  const syncer = new Syncer(bob)

  const first = await syncer.sync()
  assert.equal(syncer.room(first, room).timeline.limited, false)
  assert.equal(syncer.stateOf(room).get('m.room.name|')?.name, 'Kitchen')
  assert.deepEqual(syncer.room(first, room).summary, {
    'm.heroes': [alice.userId],
    'm.joined_member_count': 2,
    'm.invited_member_count': 0,
  })

  await alice.must('PUT', `rooms/${room}/send/m.room.message/1`, { msgtype: 'm.text', body: 'hello' })
  const second = await syncer.sync()
  const events = syncer.room(second, room).timeline.events
  assert.deepEqual(
    events.map((event) => event.content.body),
    ['hello'],
  )
  assert.equal(events[0]?.unsigned.membership, 'join')
  assert.deepEqual(syncer.room(second, room).unread_notifications, {
    notification_count: 1,
    highlight_count: 0,
  })
  assert.deepEqual(Object.keys((await syncer.sync()).rooms.join), [])
})

test('a long poll answers when something happens, and not before', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const room = String((await alice.must('POST', 'createRoom', {})).room_id)
  const syncer = new Syncer(alice)
  await syncer.sync()
  const polling = syncer.sync({ timeout: '30000' })
  await alice.must('PUT', `rooms/${room}/send/m.room.message/1`, { msgtype: 'm.text', body: 'hello' })
  const events = syncer.room(await polling, room).timeline.events
  assert.equal(events[0]?.content.body, 'hello')
})

test('V6: transaction_id goes only to the device that sent the event', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const phone = await alpha.nobody.logIn('alice')
  const room = String((await alice.must('POST', 'createRoom', {})).room_id)
  await alice.must('PUT', `rooms/${room}/send/m.room.message/once`, { msgtype: 'm.text', body: 'hello' })
  const echo = async (person: typeof alice) => {
    const syncer = new Syncer(person)
    const { events } = syncer.room(await syncer.sync(), room).timeline
    return events.at(-1)?.unsigned.transaction_id
  }
  assert.equal(await echo(alice), 'once')
  assert.equal(await echo(phone), undefined)
})

test('V3: forged, malformed and future tokens are refused', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const room = String((await alice.must('POST', 'createRoom', {})).room_id)
  const bad = [
    '',
    'x',
    's1_',
    's1_-1_a.0',
    's1_1e3_a.0',
    's1_1_a',
    's1_999999_a.0',
    's1_9007199254740993_a.0',
    's2_1_a.0',
    't1_1_0',
  ]
  for (const token of bad) {
    await alice.refused(['GET', `sync?since=${encodeURIComponent(token)}`], 400, 'M_INVALID_PARAM')
  }
  for (const token of ['x', 't1_1', 't1_999999_0', 't1_1_2', 't1_01_0', 't1_1_-0', 's1_999999_a.0']) {
    await alice.refused(
      ['GET', `rooms/${room}/messages?dir=b&from=${encodeURIComponent(token)}`],
      400,
      'M_INVALID_PARAM',
    )
    await alice.refused(
      ['GET', `rooms/${room}/messages?dir=b&to=${encodeURIComponent(token)}`],
      400,
      'M_INVALID_PARAM',
    )
  }
})

test('V4: a gap is limited, and pages back to the start of the room without a hole or a duplicate', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const room = String((await alice.must('POST', 'createRoom', {})).room_id)
  const sent: string[] = []
  for (let n = 0; n < 30; n++) {
    const answer = await alice.must('PUT', `rooms/${room}/send/m.room.message/${n}`, {
      msgtype: 'm.text',
      body: `${n}`,
    })
    sent.push(String(answer.event_id))
  }
  const syncer = new Syncer(alice)
  const { timeline } = syncer.room(await syncer.sync(), room)
  assert.equal(timeline.limited, true)
  const ids = timeline.events.map((event) => String(event.event_id)).reverse()
  let from: string | undefined = timeline.prev_batch
  while (from !== undefined) {
    const page: JsonObject = await alice.must('GET', `rooms/${room}/messages?dir=b&limit=7&from=${from}`)
    ids.push(...(page.chunk as JsonObject[]).map((event) => String(event.event_id)))
    from = page.end as string | undefined
  }
  assert.equal(new Set(ids).size, ids.length)
  const forward: JsonObject = await alice.must('GET', `rooms/${room}/messages?dir=f&limit=1000`)
  assert.deepEqual(
    ids.toReversed(),
    (forward.chunk as JsonObject[]).map((event) => event.event_id),
  )
  assert.deepEqual(ids.slice(0, 30).toReversed(), sent)
})
