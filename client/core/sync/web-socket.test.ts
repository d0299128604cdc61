import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SocketServer, socketServer } from './test-socket-server.ts'
import type { Transport } from './transport.ts'
import { type HeartTimes, webSocket } from './web-socket.ts'

/** Follows a server, storing the tokens it gives. */
function follow(server: SocketServer, stored: string[] = [], times?: HeartTimes) {
  const transport: Transport = webSocket(times)
  const abort = new AbortController()
  const live = Promise.withResolvers<void>()
  const end = transport
    .run({
      access: { baseUrl: server.url, token: 'secret' },
      since: () => stored.at(-1),
      async apply({ next_batch }) {
        stored.push(next_batch)
      },
      onLive: live.resolve,
      signal: abort.signal,
    })
    .catch((error: unknown) => error)
  return { transport, abort, live: live.promise, end, stored }
}

test('the token is in the first frame and not in the address, and a body is acknowledged once it is stored', async () => {
  await using server = await socketServer()
  const { live, stored, abort, end } = follow(server, ['s1'])
  const socket = await server.accept()

  const { filter, ...auth } = await socket.next()
  assert.deepEqual(auth, { type: 'auth', access_token: 'secret', since: 's1', use_state_after: true })
  assert.equal(typeof filter, 'string')
  assert.deepEqual(server.paths, ['/_matrix/client/unstable/im.kith.websocket/sync'])
  socket.send({ type: 'sync', body: { next_batch: 's2' } })
  assert.deepEqual(await socket.next(), { type: 'ack', since: 's2' })
  await live
  socket.send({ type: 'of tomorrow' })
  socket.send({ type: 'sync', body: { next_batch: 's3' } })
  assert.deepEqual(await socket.next(), { type: 'ack', since: 's3' })
  assert.deepEqual(stored, ['s1', 's2', 's3'])

  abort.abort(new Error('the page is closed'))
  assert.equal(String(await end), 'Error: the page is closed')
})

test('requests go over the socket and are answered in any order, with errors that have a meaning', async () => {
  await using server = await socketServer()
  const { live, transport, abort, end } = follow(server)
  assert.equal(transport.request?.({ method: 'send' }), undefined)
  const socket = await server.accept()
  await socket.next()
  socket.send({ type: 'sync', body: { next_batch: 's1' } })
  await live
  await socket.next()

  const first = transport.request?.({
    method: 'send',
    room_id: '!a',
    event_type: 'm',
    txn_id: '1',
    content: {},
  })
  const second = transport.request?.({ method: 'typing', room_id: '!a', typing: false })
  const [asked, askedNext] = [await socket.next(), await socket.next()]
  assert.deepEqual([asked.type, asked.method, askedNext.method], ['request', 'send', 'typing'])
  const limit = { errcode: 'M_LIMIT_EXCEEDED', error: 'Too many requests', retry_after_ms: 7 }
  socket.send({ type: 'response', id: askedNext.id ?? '', status: 429, body: limit })
  socket.send({ type: 'response', id: asked.id ?? '', status: 200, body: { event_id: '$1' } })

  assert.deepEqual(await first, { event_id: '$1' })
  await assert.rejects(second ?? Promise.resolve(), { key: 'rate-limited', retryAfterMs: 7 })
  const unanswered = transport.request?.({ method: 'typing', room_id: '!a', typing: true })
  assert.equal(transport.request?.({ method: 'send', content: { body: 'x'.repeat(256 * 1024) } }), undefined)
  socket.close(1012)
  await assert.rejects(unanswered ?? Promise.resolve(), { key: 'offline' })
  assert.equal(((await end) as { code?: number }).code, 1012)
  abort.abort()
})

test('a token that is refused is asked about by HTTP, which knows whether the device stays', async () => {
  await using server = await socketServer()
  const body = { errcode: 'M_UNKNOWN_TOKEN', error: 'Expired', soft_logout: true }
  server.answers.set('/_matrix/client/v3/account/whoami', { status: 401, body })
  const { end } = follow(server)
  const socket = await server.accept()
  await socket.next()

  socket.close(4401)

  const error = (await end) as { errcode?: string; isSoftLogout?: boolean }
  assert.deepEqual([error.errcode, error.isSoftLogout], ['M_UNKNOWN_TOKEN', true])
})

test('a client pings while it waits for the first body, and does not take the wait for a lost connection', async () => {
  await using server = await socketServer()
  const { live, end, abort } = follow(server, [], {
    pingEveryMs: 5,
    pongWithinMs: 1,
    firstBodyWithinMs: 10_000,
  })
  const socket = await server.accept()
  await socket.next()

  for (let count = 0; count < 3; count++) assert.deepEqual(await socket.next(), { type: 'ping' })
  socket.send({ type: 'sync', body: { next_batch: 's1' } })

  await live
  abort.abort(new Error('the page is closed'))
  await end
})

test('a ping that nothing follows is a lost connection, and so is a first body that does not come', async () => {
  await using server = await socketServer()
  const silent = follow(server, [], { pingEveryMs: 5, pongWithinMs: 5, firstBodyWithinMs: 10_000 })
  const socket = await server.accept()
  await socket.next()
  socket.send({ type: 'sync', body: { next_batch: 's1' } })
  assert.equal(((await silent.end) as { key?: string }).key, 'timeout')

  const waiting = follow(server, [], { pingEveryMs: 10_000, pongWithinMs: 5, firstBodyWithinMs: 5 })
  assert.equal(((await waiting.end) as { key?: string }).key, 'timeout')
})
