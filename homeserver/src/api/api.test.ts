import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoint } from '@kith/spec/api/endpoint'
import type { JsonObject } from '@kith/spec/json'
import Type from 'typebox'
import { raw } from './raw.ts'
import { serve } from './serve.ts'
import { startTestServer } from './test-server.ts'

const common = { spec: '', rate: 'none', auth: 'none', returns: Type.Object({}) } as const

test('a handler may answer with bytes that were encoded before, of any type', async () => {
  const encoded = endpoint({ ...common, method: 'GET', path: '/_matrix/encoded' })
  const text = endpoint({ ...common, method: 'GET', path: '/_matrix/text' })
  await using alpha = await startTestServer({
    routes: [
      serve(encoded, async () => raw(Buffer.from('{"a":1}'))),
      serve(text, async () => raw('hello', { type: 'text/plain', headers: { 'x-more': 'yes' } })),
    ],
  })
  assert.deepEqual((await alpha.nobody.call('GET', '/_matrix/encoded')).body, { a: 1 })
  const { headers } = await alpha.nobody.call('GET', '/_matrix/text')
  assert.deepEqual([headers.get('content-type'), headers.get('x-more')], ['text/plain', 'yes'])
})

test('an answer that breaks its contract is an error in tests', async () => {
  const returns = Type.Object({ count: Type.Integer() })
  const wrong = endpoint({ ...common, method: 'GET', path: '/_matrix/wrong', returns })
  await using alpha = await startTestServer({ routes: [serve(wrong, async () => ({ count: 0.5 }))] })
  await alpha.nobody.refused(['GET', '/_matrix/wrong'], 500, 'M_UNKNOWN')
  assert.ok(alpha.logged.some((line) => line.includes('breaks its contract')))
})

/** A route that answers only when its client hangs up or the server stops. */
function waitingRoute() {
  const begun = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const contract = endpoint({ ...common, method: 'GET', path: '/_matrix/wait', rate: 'sync' })
  const route = serve(contract, async ({ signal }) => {
    begun.resolve()
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    ended.resolve()
    return {}
  })
  return { route, begun: begun.promise, ended: ended.promise }
}

test('a handler that waits is told when its client hangs up', async () => {
  const { route, begun, ended } = waitingRoute()
  await using alpha = await startTestServer({ routes: [route] })
  const controller = new AbortController()
  const call = alpha.nobody.call('GET', '/_matrix/wait', { signal: controller.signal })
  await begun
  controller.abort()
  await assert.rejects(call, { name: 'AbortError' })
  await ended
})

test('a stop lets requests that wait answer, and takes no more', async () => {
  const { route, begun } = waitingRoute()
  await using alpha = await startTestServer({ routes: [route] })
  const call = alpha.nobody.call('GET', '/_matrix/wait')
  await begun
  alpha.api.endWaiting()
  assert.equal((await call).status, 200)
  assert.equal((await alpha.nobody.call('GET', '/_matrix/wait')).status, 200, 'it waits no more')
  await alpha.listener.close()
  await assert.rejects(alpha.nobody.call('GET', '/_matrix/client/versions'))
})

test('a stop cuts off what does not end in time', async () => {
  const begun = Promise.withResolvers<void>()
  const contract = endpoint({ ...common, method: 'GET', path: '/_matrix/hang' })
  const hang = serve(contract, () => {
    begun.resolve()
    return new Promise<never>(() => {})
  })
  await using alpha = await startTestServer({ routes: [hang] })
  const call = assert.rejects(alpha.nobody.call('GET', '/_matrix/hang'))
  await begun.promise
  await alpha.listener.close(50)
  await call
})

test('O8: who calls too often is told when to come back, and others are not touched', async () => {
  const contract = endpoint({
    ...common,
    method: 'POST',
    path: '/_matrix/often',
    auth: 'user',
    rate: 'create',
  })
  const config = { rateLimits: true }
  await using alpha = await startTestServer({ config, routes: [serve(contract, async () => ({}))] })
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const statuses: number[] = []
  for (let i = 0; i < 25; i++) statuses.push((await alice.call('POST', '/_matrix/often')).status)
  assert.deepEqual([statuses[0], statuses.at(-1)], [200, 429])
  const { headers, body } = await alice.call('POST', '/_matrix/often')
  assert.equal(body.errcode, 'M_LIMIT_EXCEEDED')
  assert.equal(Number(headers.get('retry-after')), Math.ceil(Number(body.retry_after_ms) / 1000))
  await bob.must('POST', '/_matrix/often')
})

test('F1: a request between servers without a right signature is refused, and its body judged first', async () => {
  const path = '/_matrix/federation/v1/echo'
  const body = Type.Object({ text: Type.String() })
  const contract = endpoint({ ...common, method: 'PUT', path, auth: 'server', body, json: 'canonical' })
  await using alpha = await startTestServer({ routes: [serve(contract, async () => ({}))] })
  const header = 'X-Matrix origin="localhost:1",destination="alpha.test",key="ed25519:1",sig="AAAA"'
  const send = (content: JsonObject | string, authorization = header) =>
    alpha.nobody.call('PUT', path, { body: content, headers: { authorization } })
  const code = async (content: JsonObject | string, authorization = header) =>
    (await send(content, authorization)).body.errcode
  assert.equal(await code({ text: 'x' }), 'M_UNAUTHORIZED')
  assert.equal(await code('nonsense', 'Bearer x'), 'M_UNAUTHORIZED', 'unsigned bodies are not read')
  assert.equal(await code('{"text": 1.5}'), 'M_BAD_JSON')
  assert.equal(await code(''), 'M_NOT_JSON')
})

test('F2: a body of another server over 13 MB is refused', async () => {
  const path = '/_matrix/federation/v1/echo'
  const contract = endpoint({ ...common, method: 'PUT', path, auth: 'server', body: Type.Object({}) })
  await using alpha = await startTestServer({ routes: [serve(contract, async () => ({}))] })
  const headers = { authorization: 'X-Matrix origin="b.test",key="ed25519:1",sig="AAAA"' }
  const answer = await alpha.nobody.call('PUT', path, { headers, body: 'x'.repeat(13_000_001) })
  assert.deepEqual([answer.status, answer.body.errcode], [413, 'M_TOO_LARGE'])
})

test('metrics count requests by route, and names in paths are not among them', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  await alice.call('GET', 'devices/SECRETDEVICE')
  await alice.call('GET', '/somewhere')
  const text = await alpha.metrics.registry.metrics()
  const counted = (route: string, status: string) =>
    text.includes(
      `kith_http_request_duration_seconds_count{method="GET",route="${route}",status="${status}"} 1`,
    )
  assert.ok(counted('/_matrix/client/v3/devices/{deviceId}', '4xx'))
  assert.match(text, /route="unknown",status="4xx"\} 1/)
  assert.match(text, /kith_http_requests_running 0/)
  assert.doesNotMatch(text, /SECRETDEVICE|somewhere/)
})
