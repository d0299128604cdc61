import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json, JsonObject } from '@kith/spec/json'
import { createRoom } from '../client/test-syncer.ts'
import { startScene } from './test-scene.ts'
import { TestSocket } from './test-socket.ts'

test('two people chat by socket: messages, receipts and typing', async () => {
  await using scene = await startScene()
  const { ann, ben, room, text } = scene
  const [anns, bens] = [await TestSocket.follow(ann), await TestSocket.follow(ben)]

  const { status, body } = await anns.ask('send', text('hello'))
  assert.equal(status, 200)
  assert.deepEqual(await bens.readUntil('hello'), ['hello'])
  const event_id = String(body.event_id)
  const receipt = await bens.ask('receipt', { room_id: room, receipt_type: 'm.read', event_id })
  const typing = await bens.ask('typing', { room_id: room, typing: true, timeout: 20_000 })
  assert.deepEqual([receipt.status, typing.status], [200, 200])
  const told = new Map<string, JsonObject>()
  while (!told.has('m.typing') || !told.has('m.receipt')) {
    const synced = await anns.body()
    anns.acknowledge(synced)
    for (const { type, content } of synced.rooms.join[room]?.ephemeral?.events ?? []) told.set(type, content)
  }
  assert.deepEqual(told.get('m.typing'), { user_ids: [ben.userId] })
  assert.deepEqual(Object.keys(told.get('m.receipt') ?? {}), [event_id])
})

test('sends for one room are carried out in the order in which they came', async () => {
  await using scene = await startScene()
  const { ann, ben, text } = scene
  const other = await createRoom(ann)
  const [anns, bens] = [await TestSocket.follow(ann), await TestSocket.follow(ben)]
  const words = Array.from({ length: 15 }, (_, index) => `word ${index}`)

  await Promise.all(
    words.flatMap((word) => [
      anns.ask('send', text(word)),
      anns.ask('send', { ...text(word), room_id: other }),
    ]),
  )

  assert.deepEqual(await bens.readUntil('word 14'), words)
})

test('who stops typing at once is not left typing', async () => {
  await using scene = await startScene()
  const { ann, ben, room } = scene
  const [anns, bens] = [await TestSocket.follow(ann), await TestSocket.follow(ben)]

  const notices = [true, false, true, false].map((typing) => anns.ask('typing', { room_id: room, typing }))
  const answers = await Promise.all(notices)
  await anns.ask('send', scene.text('said'))

  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200],
  )
  let typing: Json = []
  for (let isSaid = false; !isSaid; ) {
    const synced = await bens.body()
    bens.acknowledge(synced)
    const { ephemeral, timeline } = synced.rooms.join[room] ?? {}
    for (const { type, content } of ephemeral?.events ?? []) if (type === 'm.typing') typing = content
    isSaid = timeline?.events.some(({ content }) => content.body === 'said') ?? false
  }
  assert.deepEqual(typing, { user_ids: [] })
})

test('a transaction ID belongs to the device: repeated on another socket or by HTTP it gives the same event', async () => {
  await using scene = await startScene()
  const { ann, ben, room, text } = scene
  const [first, second, bens] = [
    await TestSocket.follow(ann),
    await TestSocket.follow(ann),
    await TestSocket.follow(ben),
  ]
  const once = text('once')

  const { body } = await first.ask('send', once)
  first.socket.terminate()
  assert.deepEqual((await second.ask('send', once)).body, body)
  const path = `rooms/${room}/send/m.room.message/${once.txn_id}`
  assert.deepEqual(await ann.must('PUT', path, once.content as JsonObject), body)
  const { body: bens_body } = await bens.ask('send', once)
  assert.notDeepEqual(bens_body, body)
  await second.ask('send', text('end'))
  assert.deepEqual(await bens.readUntil('end'), ['once', 'once', 'end'])
})

test('V6: only the sending device is told the transaction ID', async () => {
  await using scene = await startScene()
  const { alpha, ann, text } = scene
  const sockets = [await TestSocket.follow(ann), await TestSocket.follow(await alpha.nobody.logIn('ann'))]
  const message = text('mine')
  await sockets[0]?.ask('send', message)
  const told = await Promise.all(
    sockets.map(async (socket) => {
      const { rooms } = await socket.body()
      const [event] = Object.values(rooms.join).flatMap(({ timeline }) => timeline.events)
      return event?.unsigned.transaction_id
    }),
  )
  assert.deepEqual(told, [message.txn_id, undefined])
})

test('requests are refused as over HTTP, and the socket goes on', async () => {
  await using scene = await startScene()
  const { ann, room, text } = scene
  const anns = await TestSocket.follow(ann)
  const event_id = '$unknown'
  for (const [method, members, status, errcode] of [
    ['leave', { room_id: room }, 404, 'M_UNRECOGNIZED'],
    ['constructor', { room_id: room }, 404, 'M_UNRECOGNIZED'],
    ['send', { ...text('x'), room_id: '!no:alpha.test' }, 403, 'M_FORBIDDEN'],
    ['send', { ...text('x'), room_id: 'no room' }, 400, 'M_INVALID_PARAM'],
    ['send', { ...text('x'), txn_id: 7 }, 400, 'M_INVALID_PARAM'],
    ['send', { ...text('x'), txn_id: '' }, 400, 'M_INVALID_PARAM'],
    ['send', { ...text('x'), content: { n: 1.5 } }, 400, 'M_BAD_JSON'],
    ['send', { ...text('x'), content: 'x' }, 400, 'M_BAD_JSON'],
    ['send', { ...text('x'), content: { body: 'x'.repeat(70_000) } }, 413, 'M_TOO_LARGE'],
    ['typing', { room_id: room, typing: 'yes' }, 400, 'M_BAD_JSON'],
    ['typing', { room_id: room }, 400, 'M_BAD_JSON'],
    ['receipt', { room_id: room, receipt_type: 'm.odd', event_id }, 400, 'M_INVALID_PARAM'],
    ['receipt', { room_id: room, receipt_type: 'm.read' }, 400, 'M_INVALID_PARAM'],
  ] as const) {
    const answer = await anns.ask(method, members)
    const got = [answer.status, answer.body.errcode]
    assert.deepEqual(got, [status, errcode], `${method} ${JSON.stringify(members).slice(0, 200)}`)
  }
  assert.equal((await anns.ask('send', text('x'))).status, 200)
})

test('J2: duplicate keys and numbers that are no integers are refused in the content of an event', async () => {
  await using scene = await startScene()
  const anns = await TestSocket.follow(scene.ann)
  for (const content of [
    '{"a":1,"a":2}',
    '{"a":1e3}',
    '{"a":-0}',
    '{"a":9007199254740993}',
    '{"a":"\\ud800"}',
  ]) {
    const { room_id, event_type, txn_id } = scene.text('')
    const members = JSON.stringify({ type: 'request', id: '1', method: 'send', room_id, event_type, txn_id })
    anns.socket.send(`${members.slice(0, -1)},"content":${content}}`)
    const { status, body } = await anns.take(({ type }) => type === 'response')
    assert.deepEqual([status, (body as JsonObject).errcode], [400, 'M_BAD_JSON'], content)
  }
})

test('W2: at most 32 requests are without an answer, and the next is refused at once', async () => {
  await using scene = await startScene()
  const { ann, text } = scene
  const anns = await TestSocket.follow(ann)

  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => anns.ask('send', text(`${index}`))),
  )

  const statuses = answers.map(({ status }) => status)
  assert.deepEqual(statuses, [...Array(32).fill(200), ...Array(8).fill(429)])
  assert.equal(answers.at(-1)?.body.retry_after_ms, 1000)
  assert.equal((await anns.ask('send', text('more'))).status, 200)
})

test('O8: requests over a socket and over HTTP share one budget', async () => {
  const clock = { now: () => 1_700_000_000_000 }
  await using scene = await startScene({ config: { rateLimits: true }, clock })
  const { ann, room } = scene
  const anns = await TestSocket.follow(ann)
  const path = `rooms/${room}/typing/${ann.userId}`
  for (let count = 0; count < 25; count++) {
    await ann.must('PUT', path, { typing: false })
    assert.equal((await anns.ask('typing', { room_id: room, typing: false })).status, 200)
  }

  const { status, body } = await anns.ask('typing', { room_id: room, typing: false })
  assert.deepEqual([status, body.errcode, body.retry_after_ms], [429, 'M_LIMIT_EXCEEDED', 200])
  await ann.refused(['PUT', path, { typing: false }], 429, 'M_LIMIT_EXCEEDED')
})
