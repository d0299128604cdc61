import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { startScene } from './test-scene.ts'
import { TestSocket } from './test-socket.ts'

test('W2: a frame of 256 KiB is taken, and a larger one closes with 1009', async () => {
  await using scene = await startScene()
  const big = await TestSocket.follow(scene.ann)
  const overhead = '{"type":"ping","padding":""}'.length

  big.send({ type: 'ping', padding: 'x'.repeat(256 * 1024 - overhead) })
  await big.take(({ type }) => type === 'pong')
  big.send({ type: 'ping', padding: 'x'.repeat(256 * 1024 - overhead + 1) })
  await big.isClosed(1009)
})

test('W2: a frame that cannot be understood closes with 4400', async () => {
  await using scene = await startScene()
  const illFormed = Buffer.concat([Buffer.from('{"type":"ping","x":"'), Buffer.of(0xff), Buffer.from('"}')])
  const frames: [data: string | Buffer, binary: boolean][] = [
    ['{', false],
    ['', false],
    ['[]', false],
    ['{"type":1}', false],
    ['{"type":"ack"}', false],
    ['{"type":"ack","since":1}', false],
    ['{"type":"request","id":"1"}', false],
    ['{"type":"request","method":"send"}', false],
    [`{"type":"request","id":"${'x'.repeat(65)}","method":"send"}`, false],
    [`{"type":"ping","deep":${'['.repeat(129)}${']'.repeat(129)}}`, false],
    ['{"type":"ping"}', true],
    [illFormed, false],
  ]

  for (const [data, binary] of frames) {
    const odd = await TestSocket.follow(scene.ann)
    odd.socket.send(data, { binary })
    await odd.isClosed(4400, 'M_BAD_JSON')
  }
})

test('V3: a first frame that /sync would refuse is answered with its error, and closes with 4400', async () => {
  await using scene = await startScene()
  for (const [member, code] of [
    [{ since: 's1_999999999_a.0' }, 'M_INVALID_PARAM'],
    [{ since: 'forged' }, 'M_INVALID_PARAM'],
    [{ since: 7 }, 'M_INVALID_PARAM'],
    [{ filter: '{"room":7}' }, 'M_INVALID_PARAM'],
    [{ filter: '777' }, 'M_INVALID_PARAM'],
    [{ use_state_after: 'yes' }, 'M_INVALID_PARAM'],
    [{ set_presence: 'away' }, 'M_INVALID_PARAM'],
  ] as const) {
    const lost = await TestSocket.signIn(scene.ann, member)
    await lost.isClosed(4400, code)
  }
})

test('types and members that are not known are ignored', async () => {
  await using scene = await startScene()
  const anns = await TestSocket.follow(scene.ann, { colour: 'blue' })
  anns.send({ type: 'of tomorrow', id: 1 })
  anns.send({ type: 'ack', since: 'never sent' })
  anns.send({ type: 'auth', access_token: 'syt_nobody' })
  anns.send({ type: 'ping', why: 'to know' })
  await anns.take(({ type }) => type === 'pong')
})

test('a ping is answered, that of the protocol too, and with what it said', async () => {
  await using scene = await startScene()
  const anns = await TestSocket.follow(scene.ann)
  await anns.ping()
  const answered = once(anns.socket, 'pong')
  anns.socket.ping('hello')
  assert.equal(String((await answered)[0]), 'hello')
})

test('a client that says nothing is closed with 1001, and one that pings is not', async () => {
  await using scene = await startScene({ socketTimes: { silentMs: 1000 } })
  const lively = await TestSocket.follow(scene.ben)
  setInterval(() => lively.send({ type: 'ping' }), 100).unref()
  const silent = await TestSocket.follow(scene.ann)
  await silent.isClosed(1001)
  assert.equal((await lively.ask('of tomorrow', {})).status, 404)
})
