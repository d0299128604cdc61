import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import test from 'node:test'
import { guardedClient } from '../../platform/outgoing/client.ts'
import { testResolver, testServer, trustOnly } from '../../platform/outgoing/test-server.ts'
import { testAuthority } from '../../platform/test-certificates.ts'
import { createDiscovery } from './discovery.ts'
import { readWellKnown } from './well-known.ts'

const authority = testAuthority()
const hosts = ['example.org', 'delegate.example', 'silent.example']

/** A world in which every host's discovery file is served by `handler`, and which keeps its own time. */
async function world(handler: RequestListener, services: Record<string, string[]> = {}) {
  const certificate = authority.issue(...hosts)
  const requests: string[] = []
  const server = await testServer({
    certificate,
    address: '127.0.0.1',
    handler: (request, response) => {
      requests.push(request.url ?? '')
      handler(request, response)
    },
  })
  const resolver = testResolver(Object.fromEntries(hosts.map((host) => [host, ['127.0.0.1']])), services)
  const client = guardedClient({ resolver, authorities: trustOnly(authority.cert), mayReach: () => true })
  const time = { now: 1_000_000 }
  const clock = { now: () => time.now }
  const wellKnown = readWellKnown({ client, clock, port: server.port })
  const discovery = createDiscovery({ resolver, wellKnown, clock })
  const close = async () => {
    await client.close()
    await server[Symbol.asyncDispose]()
  }
  return { discovery, requests, time, [Symbol.asyncDispose]: close }
}

const delegatesTo =
  (server: string, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(200, headers).end(JSON.stringify({ 'm.server': server }))

const missing: RequestListener = (_, response) => response.writeHead(404).end()

test('step 1: an IP literal is its own address, and proves that address', async () => {
  await using there = await world(missing)
  const route = (name: string) => there.discovery.route(name)

  assert.deepEqual(await route('127.0.0.9:1234'), {
    endpoints: [{ host: '127.0.0.9', port: 1234 }],
    hostHeader: '127.0.0.9:1234',
    certificateName: '127.0.0.9',
  })
  assert.deepEqual(await route('[2001:db8::1]'), {
    endpoints: [{ host: '2001:db8::1', port: 8448 }],
    hostHeader: '[2001:db8::1]',
    certificateName: '2001:db8::1',
  })
  assert.deepEqual(there.requests, [])
})

test('step 2: a name with a port is asked there, without looking for a delegation', async () => {
  await using there = await world(delegatesTo('delegate.example'))
  assert.deepEqual(await there.discovery.route('example.org:8443'), {
    endpoints: [{ host: 'example.org', port: 8443 }],
    hostHeader: 'example.org:8443',
    certificateName: 'example.org',
  })
  assert.deepEqual(there.requests, [])
})

test('steps 3.1 and 3.2: a delegation to an address or a port is taken as it is', async () => {
  await using first = await world(delegatesTo('127.0.0.9:99'))
  assert.deepEqual(await first.discovery.route('example.org'), {
    endpoints: [{ host: '127.0.0.9', port: 99 }],
    hostHeader: '127.0.0.9:99',
    certificateName: '127.0.0.9',
  })
  await using second = await world(delegatesTo('delegate.example:4443'))
  assert.deepEqual(await second.discovery.route('example.org'), {
    endpoints: [{ host: 'delegate.example', port: 4443 }],
    hostHeader: 'delegate.example:4443',
    certificateName: 'delegate.example',
  })
  assert.deepEqual(second.requests, ['/.well-known/matrix/server'])
})

test('steps 3.3 to 3.5: the delegate is found by its SRV records, the registered service first', async () => {
  const fed = { '_matrix-fed._tcp.delegate.example': ['fed.example:1', 'spare.example:2'] }
  const old = { '_matrix._tcp.delegate.example': ['old.example:3'] }
  const expected = { hostHeader: 'delegate.example', certificateName: 'delegate.example' }
  const routeWith = async (services: Record<string, string[]>) => {
    await using there = await world(delegatesTo('delegate.example'), services)
    return await there.discovery.route('example.org')
  }
  assert.deepEqual(await routeWith({ ...fed, ...old }), {
    ...expected,
    endpoints: [
      { host: 'fed.example', port: 1 },
      { host: 'spare.example', port: 2 },
    ],
  })
  assert.deepEqual(await routeWith(old), { ...expected, endpoints: [{ host: 'old.example', port: 3 }] })
  assert.deepEqual(await routeWith({}), {
    ...expected,
    endpoints: [{ host: 'delegate.example', port: 8448 }],
  })
})

test('steps 4 to 6: without a delegation the SRV records of the name count, then port 8448', async () => {
  const expected = { hostHeader: 'example.org', certificateName: 'example.org' }
  const routeWith = async (services: Record<string, string[]>) => {
    await using there = await world(missing, services)
    return await there.discovery.route('example.org')
  }
  const fed = { '_matrix-fed._tcp.example.org': ['fed.example:1'] }
  const old = { '_matrix._tcp.example.org': ['old.example:3'] }
  assert.deepEqual(await routeWith({ ...fed, ...old }), {
    ...expected,
    endpoints: [{ host: 'fed.example', port: 1 }],
  })
  assert.deepEqual(await routeWith(old), { ...expected, endpoints: [{ host: 'old.example', port: 3 }] })
  assert.deepEqual(await routeWith({}), { ...expected, endpoints: [{ host: 'example.org', port: 8448 }] })
})

test('F7: a discovery file that is too long, malformed, or no delegation is passed over', async () => {
  const answers: RequestListener[] = [
    (_, response) =>
      response.end(JSON.stringify({ 'm.server': 'delegate.example:1', pad: 'x'.repeat(51_200) })),
    (_, response) => response.end('{"m.server": "delegate.example:1"'),
    (_, response) => response.end('["delegate.example:1"]'),
    delegatesTo('not a name'),
    delegatesTo('https://delegate.example'),
    (_, response) => response.writeHead(302, { location: '/.well-known/matrix/server' }).end(),
    (_, response) => response.writeHead(500).end(JSON.stringify({ 'm.server': 'delegate.example:1' })),
  ]
  for (const answer of answers) {
    await using there = await world(answer)
    assert.equal((await there.discovery.route('example.org')).hostHeader, 'example.org')
  }
})

test('F7: a delegation is remembered as long as its headers say, but no longer than 48 hours', async () => {
  const hours = (count: number) => count * 3600 * 1000
  const cases: { headers: Record<string, string>; lastsMs: number }[] = [
    { headers: {}, lastsMs: hours(24) },
    { headers: { 'cache-control': 'public, max-age=7200' }, lastsMs: hours(2) },
    { headers: { 'cache-control': 'max-age=9999999' }, lastsMs: hours(48) },
    { headers: { 'cache-control': 'no-store' }, lastsMs: 5 * 60_000 },
  ]
  for (const { headers, lastsMs } of cases) {
    await using there = await world(delegatesTo('delegate.example:1', headers))
    const ask = async () => (await there.discovery.route('example.org')).hostHeader
    await Promise.all([ask(), ask()])
    there.time.now += lastsMs - 1
    assert.equal(await ask(), 'delegate.example:1')
    assert.equal(there.requests.length, 1)
    there.time.now += 1
    await ask()
    assert.equal(there.requests.length, 2)
  }
})

test('F7: a missing discovery file is asked for ever more rarely, at least hourly', async () => {
  await using there = await world(missing)
  const waitsMs: number[] = []
  for (let asked = 1; asked < 9; asked++) {
    const since = there.time.now
    do {
      there.time.now += 60_000
      await there.discovery.route('example.org')
    } while (there.requests.length < asked + 1 && there.time.now - since < 7_200_000)
    if (asked > 1) waitsMs.push((there.time.now - since) / 60_000)
  }
  assert.deepEqual(waitsMs, [2, 4, 8, 16, 32, 60, 60])
})

test('a delegation that led nowhere is looked up again', async () => {
  await using there = await world(delegatesTo('delegate.example:1'))
  await there.discovery.route('example.org')
  there.discovery.doubt('example.org')
  await there.discovery.route('example.org')
  assert.equal(there.requests.length, 2)
})

test('F7: what is no server name is refused before anything is looked up', async () => {
  await using there = await world(missing)
  const names = [
    '',
    'a b',
    'example.org:0',
    'example.org:99999',
    '[::1',
    '[example]',
    'user@host',
    'a/b',
    'x:1:2',
  ]
  for (const name of names) {
    await assert.rejects(there.discovery.route(name), { code: 'M_INVALID_PARAM' }, name)
  }
  assert.deepEqual(there.requests, [])
})
