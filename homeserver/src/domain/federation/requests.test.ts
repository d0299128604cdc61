import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { queryProfile } from '@kith/spec/api/federation/query'
import { decodeBase64 } from '@kith/spec/base64'
import { nodeCrypto } from '../../platform/crypto.ts'
import { scratchDatabase } from '../../platform/scratch-database.ts'
import { ownKey, ownName, testFederation, testPeer } from './test-peer.ts'
import { parseXMatrix, signedRequestBytes } from './x-matrix.ts'

const database = await scratchDatabase()
after(() => database[Symbol.asyncDispose]())
const path = '/_matrix/federation/v1/query/profile'

test('a request arrives signed for its destination, with the Host header that discovery demands', async () => {
  const time = { now: Date.now() }
  await using peer = await testPeer(1, { now: () => time.now })
  await using federation = testFederation({ database, time })
  const query = { user_id: '@a b+"ü:x', field: undefined, ver: ['1', '2'] }
  const body = { b: 1.5, a: 'ü' }
  await federation.client.request({
    origin: ownName,
    destination: peer.name,
    method: 'PUT',
    path,
    query,
    body,
  })

  const [request] = peer.requests
  assert.ok(request)
  assert.equal(request.headers.host, peer.name)
  assert.equal(request.body, '{"a":"ü","b":1.5}')
  const asked = new URLSearchParams(request.target.split('?')[1])
  assert.deepEqual(
    [asked.get('user_id'), asked.getAll('ver'), asked.has('field')],
    [query.user_id, ['1', '2'], false],
  )
  const header = parseXMatrix(request.headers.authorization ?? '')
  assert.deepEqual([header?.origin, header?.destination, header?.key], [ownName, peer.name, ownKey.keyId])
  const { method, target: uri, body: content } = request
  const signed = signedRequestBytes({ method, uri, origin: ownName, destination: peer.name, content })
  assert.ok(nodeCrypto.verify(ownKey.publicKey, signed, decodeBase64(header?.sig ?? '') ?? new Uint8Array()))
})

test('a call fills in its contract, and an answer that does not fit it is refused', async () => {
  const time = { now: Date.now() }
  await using peer = await testPeer(2, { now: () => time.now })
  await using federation = testFederation({ database, time })
  const profile = () =>
    federation.client.call(queryProfile, {
      origin: ownName,
      destination: peer.name,
      params: {},
      query: { user_id: '@a:b.example' },
    })
  peer.answer = () => ({ json: { displayname: 'A' } })
  assert.deepEqual(await profile(), { displayname: 'A' })
  assert.equal(peer.requests[0]?.target, `${path}?user_id=%40a%3Ab.example`)
  for (const text of ['[]', '"text"', '', '{"a":', '\ufeff{}']) {
    peer.answer = () => ({ text })
    await assert.rejects(profile(), { name: 'RemoteError', status: undefined }, text)
  }
})

test("another server's refusal is told with its status, code and message", async () => {
  const time = { now: Date.now() }
  await using peer = await testPeer(3, { now: () => time.now })
  await using federation = testFederation({ database, time })
  const request = { origin: ownName, destination: peer.name, method: 'GET', path } as const
  peer.answer = () => ({ status: 403, json: { errcode: 'M_FORBIDDEN', error: 'not for you' } })
  const refusal = {
    name: 'RemoteError',
    status: 403,
    errcode: 'M_FORBIDDEN',
    message: `${peer.name}: not for you`,
  }
  await assert.rejects(federation.client.request(request), refusal)
  peer.answer = () => ({ status: 404, text: '<html>' })
  await assert.rejects(federation.client.request(request), { status: 404, errcode: undefined })
  assert.equal(federation.backOff.waitMs(peer.name), 0)
})

test('F7: a server that cannot be reached is left alone for a while, growing with each failure', async () => {
  const time = { now: Date.now() }
  await using peer = await testPeer(4, { now: () => time.now })
  await using federation = testFederation({ database, time })
  const request = { origin: ownName, destination: peer.name, method: 'GET', path } as const
  peer.answer = () => ({ status: 502, text: 'Bad Gateway' })
  const waits: number[] = []
  for (let failure = 0; failure < 12; failure++) {
    await assert.rejects(federation.client.request(request), { status: 502 })
    waits.push(federation.backOff.waitMs(peer.name))
    await assert.rejects(federation.client.request(request), { status: undefined, message: /lately/ })
    time.now += federation.backOff.waitMs(peer.name)
  }
  assert.equal(peer.requests.length, 12)
  for (const [index, wait] of waits.entries()) {
    const full = Math.min(1000 * 2 ** index, 600_000)
    assert.ok(wait >= full / 2 && wait <= full, `${wait} ms after ${index + 1} failures`)
  }
  peer.answer = () => ({})
  await assert.rejects(federation.client.request({ ...request, path: '/..' }), { code: 'M_INVALID_PARAM' })
  await federation.client.request(request)
  assert.equal(federation.backOff.waitMs(peer.name), 0)
})

test('F7: who keeps his own schedule may try at once; a server that asks for peace gets as much as it asks', async () => {
  const time = { now: Date.now() }
  await using peer = await testPeer(5, { now: () => time.now })
  await using federation = testFederation({ database, time })
  const request = { origin: ownName, destination: peer.name, method: 'GET', path } as const
  peer.answer = () => ({ status: 429, json: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 60_000 } })
  await assert.rejects(federation.client.request(request), { status: 429, retryAfterMs: 60_000 })
  assert.equal(federation.backOff.waitMs(peer.name), 60_000)
  peer.answer = () => ({})
  await federation.client.request({ ...request, retry: true })
  assert.equal(federation.backOff.waitMs(peer.name), 0)
})

test('F7: an answer over the limits of bytes or time fails and counts as a failure', async () => {
  const time = { now: Date.now() }
  await using peer = await testPeer(6, { now: () => time.now })
  await using federation = testFederation({ database, time })
  const request = { origin: ownName, destination: peer.name, method: 'GET', path } as const
  peer.answer = () => ({ json: 'x'.repeat(2000) })
  await assert.rejects(federation.client.request({ ...request, maxBytes: 1000 }), { message: /too large/ })
  assert.ok(federation.backOff.waitMs(peer.name) > 0)
})

test('F7: one slow server holds a bounded number of requests, and others are not held up', async () => {
  const time = { now: Date.now() }
  await using slow = await testPeer(7, { now: () => time.now })
  await using quick = await testPeer(8, { now: () => time.now })
  await using federation = testFederation({ database, time })
  const send = (destination: string) =>
    federation.client.request({ origin: ownName, destination, method: 'GET', path, timeoutMs: 10_000 })
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  slow.answer = () => ({ until: released })
  const held = Array.from({ length: 100 }, () => send(slow.name))
  await assert.rejects(send(slow.name), { message: /too many requests/ })
  await send(quick.name)
  release()
  await Promise.all(held)
})
