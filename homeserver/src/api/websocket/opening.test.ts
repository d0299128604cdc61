import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestServer } from '../test-server.ts'
import { startScene } from './test-scene.ts'
import { refusedUpgrade, TestSocket } from './test-socket.ts'

test('the feature is listed where clients look for it', async () => {
  await using alpha = await startTestServer()
  const { unstable_features } = await alpha.nobody.must('GET', '/_matrix/client/versions')
  assert.deepEqual(unstable_features, { 'im.kith.websocket_sync': true })
})

test('W1: a page of another origin gets 403 before the upgrade; our own, and programs, get in', async () => {
  const config = { publicUrl: 'https://chat.alpha.test' }
  await using alpha = await startTestServer({ config })

  for (const origin of [
    'https://evil.test',
    'null',
    '',
    'http://127.0.0.1:1',
    'file://',
    'http://chat.alpha.test',
    'https://chat.alpha.test.evil.test',
  ]) {
    const { status, errcode } = await refusedUpgrade(alpha.url, { origin })
    assert.deepEqual([status, errcode], [403, 'M_FORBIDDEN'], origin)
  }
  for (const origin of [alpha.url, 'https://chat.alpha.test', undefined]) {
    const { socket } = await TestSocket.open(alpha.url, origin === undefined ? {} : { origin })
    socket.terminate()
  }
})

test('W1: behind a proxy, our own host is what the proxy tells, if it is trusted', async () => {
  const headers = { origin: 'https://chat.alpha.test', 'x-forwarded-host': 'chat.alpha.test' }
  await using trusting = await startTestServer({ config: { trustedProxies: ['127.0.0.0/8'] } })
  const { socket } = await TestSocket.open(trusting.url, { headers })
  socket.terminate()

  await using alpha = await startTestServer()
  assert.equal((await refusedUpgrade(alpha.url, headers)).status, 403)
})

test('W1: the first frame comes in time, with a token that is known, or the socket closes with 4401', async () => {
  await using alpha = await startTestServer({ socketTimes: { authenticateMs: 100 } })

  const silent = await TestSocket.open(alpha.url)
  await silent.isClosed(4401)
  const stranger = await TestSocket.open(alpha.url)
  stranger.send({ type: 'auth', access_token: 'syt_nobody' })
  await stranger.isClosed(4401, 'M_UNKNOWN_TOKEN')
})

test('W1: who has authenticated in time stays', async () => {
  await using scene = await startScene({ socketTimes: { authenticateMs: 500 } })
  const [anns, late] = [await TestSocket.follow(scene.ann), await TestSocket.open(scene.alpha.url)]
  await late.isClosed(4401)
  await anns.ping()
})

test('W1: a token in the address, a header or a cookie counts for nothing, and no other frame may come first', async () => {
  await using scene = await startScene()
  const { alpha, ann, text } = scene
  const headers = { authorization: `Bearer ${ann.accessToken}`, cookie: `access_token=${ann.accessToken}` }

  for (const frame of [{ type: 'ping' }, { type: 'request', id: '1', method: 'send', ...text('x') }]) {
    const early = await TestSocket.open(alpha.url, { headers }, `?access_token=${ann.accessToken}`)
    early.send(frame)
    await early.isClosed(4400, 'M_BAD_JSON')
    assert.deepEqual(early.untaken, [])
  }
})

test('W1: what comes along with the first frame waits until that is decided about', async () => {
  await using scene = await startScene()
  const { alpha, ann, text } = scene
  const rest = [{ type: 'ping' }, { type: 'request', id: '1', method: 'send', ...text('x') }]

  const stranger = await TestSocket.open(alpha.url)
  for (const frame of [{ type: 'auth', access_token: 'syt_nobody' }, ...rest]) stranger.send(frame)
  await stranger.isClosed(4401, 'M_UNKNOWN_TOKEN')
  assert.deepEqual(stranger.untaken, [])

  const anns = await TestSocket.signIn(ann)
  for (const frame of rest) anns.send(frame)
  await anns.take(({ type }) => type === 'pong')
  assert.equal((await anns.take(({ type }) => type === 'response')).status, 200)
})

test('W2: compression is not negotiated', async () => {
  await using alpha = await startTestServer()
  const { socket } = await TestSocket.open(alpha.url, { perMessageDeflate: true })
  assert.equal(socket.extensions, '')
  socket.terminate()
})

test('W2: an address has a bounded number of sockets that are not authenticated', async () => {
  await using scene = await startScene()
  const { alpha, ann } = scene
  const strangers = await Promise.all(Array.from({ length: 99 }, () => TestSocket.open(alpha.url)))
  const anns = await TestSocket.open(alpha.url)

  const refused = await refusedUpgrade(alpha.url)
  assert.deepEqual(refused, { status: 429, errcode: 'M_LIMIT_EXCEEDED', retryAfter: '5' })
  anns.send({ type: 'auth', access_token: ann.accessToken ?? '' })
  await anns.body()
  strangers.push(await TestSocket.open(alpha.url))
  assert.equal((await refusedUpgrade(alpha.url)).status, 429)
  for (const { socket } of strangers) socket.terminate()
})

test('W2: a user has a bounded number of sockets', async () => {
  await using scene = await startScene()
  const { ann, ben } = scene
  const [first] = await Promise.all(Array.from({ length: 20 }, () => TestSocket.follow(ann)))

  const more = await TestSocket.signIn(ann)
  await more.isClosed(4429, 'M_LIMIT_EXCEEDED')
  await TestSocket.follow(ben)
  first?.socket.close()
  await first?.closed
  await TestSocket.follow(ann)
})

test('an address that is asked for without an upgrade does not exist', async () => {
  await using alpha = await startTestServer()
  const path = '/_matrix/client/unstable/im.kith.websocket/sync'
  await alpha.nobody.refused(['GET', path], 404, 'M_UNRECOGNIZED')
})
