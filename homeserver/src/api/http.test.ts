import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import test from 'node:test'
import { startTestServer } from './test-server.ts'

test('J1: what is not JSON in UTF-8 is M_NOT_JSON, and JSON of another shape is M_BAD_JSON', async () => {
  await using alpha = await startTestServer()
  const { nobody } = alpha
  const notJson = ['', '{', 'nonsense', '{"type": "m.login.password"} x', new Uint8Array([0x22, 0xff, 0x22])]
  for (const body of notJson) await nobody.refused(['POST', 'login', body], 400, 'M_NOT_JSON')
  const wrongShape = ['[]', '"text"', 'null', '{}', '{"type": 1}', '{"type": "x", "refresh_token": "yes"}']
  for (const body of wrongShape) await nobody.refused(['POST', 'login', body], 400, 'M_BAD_JSON')
})

test('J1: an operation without a body ignores what is sent as one', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const answer = await alice.call('POST', 'logout', { body: 'nonsense' })
  assert.deepEqual([answer.status, answer.body], [200, {}])
})

test('J3: a body nested over 128 levels is refused before anything recurses', async () => {
  await using alpha = await startTestServer()
  const deep = (levels: number) =>
    `{"type": "x", "identifier": ${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`
  await alpha.nobody.refused(['POST', 'login', deep(129)], 400, 'M_BAD_JSON')
  await alpha.nobody.refused(['POST', 'login', deep(10_000)], 400, 'M_BAD_JSON')
})

test('a body over the limit is refused, whether or not its length is announced', async () => {
  await using alpha = await startTestServer()
  const big = JSON.stringify({ type: 'x'.repeat(300_000) })
  await alpha.nobody.refused(['POST', 'login', big], 413, 'M_TOO_LARGE')
  const stream = ReadableStream.from(Array.from({ length: 30 }, () => Buffer.alloc(10_000, 0x20)))
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', body: stream, duplex: 'half' }
  const response = await fetch(`${alpha.url}/_matrix/client/v3/login`, init)
  assert.equal(response.status, 413)
})

test('O5: an unknown route is 404, a wrong method 405, both M_UNRECOGNIZED', async () => {
  await using alpha = await startTestServer()
  const { nobody } = alpha
  const unknown = [
    '/',
    '/nothing',
    '/_matrix',
    '/_matrix/client/v3/nothing',
    '/_matrix/key/v9',
    '/_synapse/x',
    '//',
  ]
  for (const path of unknown) await nobody.refused(['GET', path], 404, 'M_UNRECOGNIZED')
  await nobody.refused(['PUT', 'login'], 405, 'M_UNRECOGNIZED')
  await nobody.refused(['GET', 'logout/all'], 405, 'M_UNRECOGNIZED')
  await nobody.refused(['PATCH', 'devices/X'], 405, 'M_UNRECOGNIZED')
  await nobody.refused(['POST', '/_matrix/key/v2/server'], 405, 'M_UNRECOGNIZED')
  const { headers } = await nobody.call('DELETE', 'login')
  assert.deepEqual(headers.get('allow')?.split(', ').sort(), ['GET', 'POST'])
})

test('path parameters are percent-decoded once, and bad encoding is refused', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice', { device_id: 'a/b %2F ü:c' })
  const path = `devices/${encodeURIComponent('a/b %2F ü:c')}`
  assert.equal((await alice.must('GET', path)).device_id, 'a/b %2F ü:c')
  for (const bad of ['%', '%2', '%zz', '%ff', '%c3%28']) {
    await alice.refused(['GET', `devices/${bad}`], 400, 'M_INVALID_PARAM')
  }
  await alice.refused(['GET', 'devices/%00'], 404, 'M_NOT_FOUND')
})

test('C2: any origin may call the API with the Authorization header, and cookies mean nothing', async () => {
  await using alpha = await startTestServer()
  const preflight = await alpha.nobody.call('OPTIONS', 'account/whoami')
  assert.equal(preflight.status, 200)
  assert.equal(preflight.headers.get('access-control-allow-origin'), '*')
  assert.equal(preflight.headers.get('access-control-allow-methods'), 'GET, POST, PUT, DELETE, OPTIONS')
  assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /Authorization/)
  assert.equal(preflight.headers.get('access-control-allow-credentials'), null)
  const refused = await alpha.nobody.call('GET', 'account/whoami', { headers: { cookie: 'access_token=x' } })
  assert.equal(refused.status, 401)
  assert.equal(refused.headers.get('access-control-allow-origin'), '*', 'errors can be read by pages too')
})

test('J12: a query parameter of the wrong kind is M_INVALID_PARAM, a missing one M_MISSING_PARAM', async () => {
  await using alpha = await startTestServer()
  await alpha.nobody.refused(['POST', 'register?kind=robot', {}], 400, 'M_INVALID_PARAM')
  await alpha.nobody.refused(['GET', 'register/available'], 400, 'M_MISSING_PARAM')
})

test('the old names of paths are accepted', async () => {
  await using alpha = await startTestServer()
  const { body } = await alpha.nobody.call('GET', '/_matrix/client/r0/login')
  assert.deepEqual(body, { flows: [{ type: 'm.login.password' }] })
})

/** Sends bytes on a socket of its own and reads until the server hangs up. */
async function exchange(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.write(text)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

test('O4: slow headers and slow bodies are cut off, and others are served meanwhile', async () => {
  await using alpha = await startTestServer({ timeouts: { headersMs: 200, requestMs: 400 } })
  const slowHeaders = exchange(alpha.url, 'GET /_matrix/client/versions HTTP/1.1\r\nHost: a\r\nX-')
  const slowBody = exchange(
    alpha.url,
    'POST /_matrix/client/v3/login HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"type":',
  )
  assert.equal((await alpha.nobody.call('GET', '/_matrix/client/versions')).status, 200)
  assert.match(await slowHeaders, /^HTTP\/1\.1 408 /)
  assert.match(await slowBody, /^HTTP\/1\.1 408 /)
})

test('O4: headers over 16 KiB and requests that no strict parser takes are refused', async () => {
  await using alpha = await startTestServer()
  const versions = 'GET /_matrix/client/versions HTTP/1.1\r\nHost: a\r\nConnection: close\r\n'
  assert.match(await exchange(alpha.url, `${versions}\r\n`), /^HTTP\/1\.1 200 /)
  assert.match(await exchange(alpha.url, `${versions}X: ${'x'.repeat(17_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /)
  const smuggled = `${versions}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`
  assert.match(await exchange(alpha.url, smuggled), /^HTTP\/1\.1 400 /)
})

test('an unexpected error is logged whole, and the client sees only the id of its request', async () => {
  await using alpha = await startTestServer()
  await alpha.database.query({ text: 'drop table interactive_auth', values: [] })
  const body = await alpha.nobody.refused(['POST', 'register', { username: 'alice' }], 500, 'M_UNKNOWN')
  assert.doesNotMatch(JSON.stringify(body), /interactive_auth|relation|at /)
  const id = /\(request (\S+)\)/.exec(String(body.error))?.[1]
  const line = alpha.logged.find(
    (each) => each.includes(`"requestId":"${id}"`) && each.includes('interactive_auth'),
  )
  assert.ok(line, 'the log has the error under the same id')
})
