import assert from 'node:assert/strict'
import { mkdtempDisposableSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { testAuthority } from '../test-certificates.ts'
import { isPublicAddress } from './addresses.ts'
import { guardedClient, type OutgoingClient, outgoingClient } from './client.ts'
import { type Resolver, systemResolver } from './resolver.ts'
import { testResolver, testServer, trustOnly } from './test-server.ts'

const authority = testAuthority()
const limits = { method: 'GET', timeoutMs: 5000, maxBytes: 1000 } as const

function client(
  resolver: Resolver,
  mayReach: (address: string) => boolean = () => true,
): OutgoingClient & AsyncDisposable {
  const made = guardedClient({ resolver, authorities: trustOnly(authority.cert), mayReach })
  return { ...made, [Symbol.asyncDispose]: () => made.close() }
}

const serve = (handler: RequestListener, ...names: string[]) =>
  testServer({ certificate: authority.issue(...names), address: '127.0.0.1', handler })

test('F8: a private address is refused as a literal, behind a name, and in its mapped form', async () => {
  let requests = 0
  await using server = await serve((_, response) => {
    requests += 1
    response.end()
  }, '127.0.0.1')
  const names = { 'inside.example': ['127.0.0.1'], 'mapped.example': ['::ffff:127.0.0.1', '10.0.0.1'] }
  await using guarded = client(testResolver(names), isPublicAddress)

  for (const host of [
    '127.0.0.1',
    '[::1]',
    '[::ffff:7f00:1]',
    '0x7f.1',
    'inside.example',
    'mapped.example',
  ]) {
    const url = `https://${host}:${server.port}/`
    await assert.rejects(guarded.request({ ...limits, url }), { reason: 'refused' }, host)
  }
  const endpoints = [{ host: '127.0.0.1', port: server.port }]
  const route = { endpoints, certificateName: '127.0.0.1' }
  await assert.rejects(guarded.request({ ...limits, url: 'https://a.example/', route }), {
    reason: 'refused',
  })
  assert.deepEqual([requests, server.connections()], [0, 0])
})

test('F8: of the addresses of a name only those that may be reached are connected to', async () => {
  const handler: RequestListener = (request, response) => response.end(request.socket.localAddress)
  const certificate = authority.issue('both.example')
  await using allowed = await testServer({ certificate, address: '127.0.0.3', handler })
  await using denied = await testServer({ certificate, address: '127.0.0.2', port: allowed.port, handler })
  const resolver = testResolver({ 'both.example': ['127.0.0.2', '127.0.0.3'] })
  await using guarded = client(resolver, (address) => address === '127.0.0.3')

  const answer = await guarded.request({ ...limits, url: `https://both.example:${allowed.port}/` })
  assert.equal(Buffer.from(answer.body).toString(), '127.0.0.3')
  assert.equal(denied.connections(), 0)
})

test('F8: a name that resolves to another address at the next connection is checked again', async () => {
  await using server = await serve((_, response) => {
    response.writeHead(200, { connection: 'close' }).end()
  }, 'rebind.example')
  const answers = ['127.0.0.1', '10.0.0.1']
  const resolver = testResolver({})
  resolver.addresses = async () => [{ address: answers.shift() ?? '', family: 4 }]
  await using guarded = client(resolver, (address) => address === '127.0.0.1')

  const url = `https://rebind.example:${server.port}/`
  assert.equal((await guarded.request({ ...limits, url })).status, 200)
  await assert.rejects(guarded.request({ ...limits, url }), { reason: 'refused' })
})

test('F8: a redirect to an address that may not be reached is refused', async () => {
  const inner = { certificate: authority.issue('127.0.0.2'), address: '127.0.0.2' }
  await using secret = await testServer({ ...inner, handler: (_, response) => response.end('secret') })
  await using server = await serve((_, response) => {
    response.writeHead(302, { location: `https://127.0.0.2:${secret.port}/` }).end()
  }, 'outer.example')
  const resolver = testResolver({ 'outer.example': ['127.0.0.1'] })
  await using guarded = client(resolver, (address) => address === '127.0.0.1')

  const url = `https://outer.example:${server.port}/`
  await assert.rejects(guarded.request({ ...limits, url, maxRedirects: 1 }), { reason: 'refused' })
  assert.equal(secret.connections(), 0)
})

test('F7: an answer over the limit of bytes, or over the limit of time, is given up', async () => {
  await using server = await serve((request, response) => {
    response.write('x'.repeat(600))
    if (request.url === '/long') response.end('x'.repeat(600))
    if (request.url === '/exact') response.end('x'.repeat(400))
  }, 'slow.example')
  await using open = client(testResolver({ 'slow.example': ['127.0.0.1'] }))
  const url = (path: string) => `https://slow.example:${server.port}${path}`

  await assert.rejects(open.request({ ...limits, url: url('/long') }), { reason: 'too large' })
  await assert.rejects(open.request({ ...limits, url: url('/slow'), timeoutMs: 200 }), { reason: 'timeout' })
  assert.equal((await open.request({ ...limits, url: url('/exact') })).body.length, 1000)
})

test('F7: redirects are followed up to their limit, and never out of https', async () => {
  await using server = await serve((request, response) => {
    const left = Number(request.url?.slice(1))
    const location = left > 0 ? `/${left - 1}` : 'http://round.example/'
    response.writeHead(left === 0 && request.headers['x-end'] ? 200 : 301, { location }).end()
  }, 'round.example')
  await using open = client(testResolver({ 'round.example': ['127.0.0.1'] }))
  const get = (path: string, headers: Record<string, string> = {}) =>
    open.request({ ...limits, url: `https://round.example:${server.port}${path}`, headers, maxRedirects: 3 })

  assert.equal((await get('/3', { 'x-end': '1' })).status, 200)
  await assert.rejects(get('/4', { 'x-end': '1' }), { reason: 'redirects' })
  await assert.rejects(get('/1'), { reason: 'redirects' })
})

test('a certificate for another address, another name or of another authority is refused', async () => {
  const handler: RequestListener = (_, response) => response.end('ok')
  const wrongAddress = { certificate: authority.issue('127.0.1.2'), address: '127.0.1.1', handler }
  await using first = await testServer(wrongAddress)
  await using second = await testServer({ ...wrongAddress, certificate: authority.issue('127.0.1.1') })
  await using third = await testServer({ ...wrongAddress, certificate: testAuthority().issue('127.0.1.1') })
  await using open = client(testResolver({ 'named.example': ['127.0.1.1'] }))
  const get = (origin: string) => open.request({ ...limits, url: `https://${origin}/` })

  await assert.rejects(get(`127.0.1.1:${first.port}`), { reason: 'certificate' })
  assert.equal((await get(`127.0.1.1:${second.port}`)).status, 200)
  await assert.rejects(get(`named.example:${second.port}`), { reason: 'certificate' })
  await assert.rejects(get(`127.0.1.1:${third.port}`), { reason: 'certificate' })
})

test('a route leads elsewhere, but the certificate and the Host header keep the name', async () => {
  const hosts: unknown[] = []
  await using server = await serve((request, response) => {
    hosts.push(request.headers.host)
    response.end('ok')
  }, 'matrix.example')
  await using open = client(testResolver({ 'target.example': ['127.0.0.1'] }))
  const closed = { host: 'target.example', port: 1 }
  const endpoints = [closed, { host: 'target.example', port: server.port }]
  const get = (certificateName: string) =>
    open.request({ ...limits, url: 'https://matrix.example/', route: { endpoints, certificateName } })

  assert.equal((await get('matrix.example')).status, 200)
  assert.deepEqual(hosts, ['matrix.example'])
  await assert.rejects(get('target.example'), { reason: 'certificate' })
})

test('a destination gets few connections, and they are used again', async () => {
  await using server = await serve((_, response) => response.end('ok'), 'busy.example')
  await using open = client(testResolver({ 'busy.example': ['127.0.0.1'] }))
  const get = () => open.request({ ...limits, url: `https://busy.example:${server.port}/` })

  await Promise.all(Array.from({ length: 100 }, get))
  await get()
  assert.ok(server.connections() <= 6, `${server.connections()} connections`)
})

test('an authority from the file of the administrator is trusted beside those of the system', async () => {
  await using server = await serve((_, response) => response.end('ok'), 'localhost')
  using folder = mkdtempDisposableSync(join(tmpdir(), 'kith-ca-'))
  const file = join(folder.path, 'ca.crt')
  writeFileSync(file, authority.cert)
  const options = { resolver: systemResolver(), allowPrivateAddresses: true }
  const url = `https://localhost:${server.port}/`

  const trusting = outgoingClient({ ...options, caFile: file })
  assert.equal((await trusting.request({ ...limits, url })).status, 200)
  await trusting.close()
  const plain = outgoingClient(options)
  await assert.rejects(plain.request({ ...limits, url }), { reason: 'certificate' })
  await plain.close()
  const closed = outgoingClient({ ...options, allowPrivateAddresses: false, caFile: file })
  await assert.rejects(closed.request({ ...limits, url }), { reason: 'refused' })
  await closed.close()
})
