import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { openLogger } from '../../platform/logger.ts'
import { listenHttp } from '../listen.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { builtTexts, inlineScript, writeTestBuild } from './test-build.ts'
import { webClient } from './web-client.ts'

const quiet = openLogger('silent')
const aBrowser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const script = '/_app/immutable/entry/start.A1.js'

interface Seen {
  status: number
  headers: Record<string, string>
  bytes: Buffer
}

/** One request just as it is given: fetch would tidy the path, ask for packed bytes and unpack them. */
async function ask(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Seen> {
  const { promise, resolve, reject } = Promise.withResolvers<Seen>()
  const { origin, hostname: host, port } = new URL(url)
  const path = url.slice(origin.length) || '/'
  request({ host, port, path, method, headers, agent: false }, async (response) => {
    const bytes = Buffer.concat(await response.toArray())
    const seen = Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name, `${value}`]),
    )
    resolve({ status: response.statusCode ?? 0, headers: seen, bytes })
  })
    .on('error', reject)
    .end()
  return promise
}

async function startWithBuild(): Promise<
  AsyncDisposable & { alpha: TestServer; folder: string; url: string }
> {
  await using cleanup = new AsyncDisposableStack()
  const { folder } = cleanup.use(await writeTestBuild())
  const alpha = cleanup.use(await startTestServer({ pages: await webClient(folder, quiet) }))
  const kept = cleanup.move()
  return { alpha, folder, url: alpha.url, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

test('the page is at / and at the address of every screen', async () => {
  await using scene = await startWithBuild()
  const screens = ['/', '/login', '/register', '/settings?tab=devices', '/new/chat', '/room/!4aX-_z']
  const identifiers = [
    '/room/%21a%3Aalpha.test',
    '/room/!a:alpha.test',
    '/join/%23lobby%3Amatrix.example.org',
  ]
  for (const path of [...screens, ...identifiers]) {
    const { status, headers, bytes } = await ask(scene.url + path, aBrowser)
    assert.equal(status, 200, path)
    assert.equal(headers['content-type'], 'text/html; charset=utf-8')
    assert.equal(headers['cache-control'], 'no-cache')
    assert.equal(bytes.toString(), builtTexts['index.html'])
  }
  assert.equal((await ask(`${scene.url}/`)).status, 200, 'whoever asks gets the page at /')
})

test('files are what was built, under their types, and only hashed names may be kept', async () => {
  await using scene = await startWithBuild()
  const expected: [path: string, type: string, cache: string][] = [
    ['/favicon.svg', 'image/svg+xml', 'no-cache'],
    ['/manifest.webmanifest', 'application/manifest+json', 'no-cache'],
    ['/_app/version.json', 'application/json', 'no-cache'],
    [script, 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    ['/_app/immutable/assets/0.B2.css', 'text/css; charset=utf-8', 'public, max-age=31536000, immutable'],
  ]
  for (const [path, type, cache] of expected) {
    const { status, headers, bytes } = await ask(scene.url + path)
    assert.deepEqual([status, headers['content-type'], headers['cache-control']], [200, type, cache], path)
    assert.equal(bytes.toString(), builtTexts[path.slice(1)])
    assert.equal(headers['content-length'], String(bytes.length))
  }
})

test('a file goes out as packed as its reader can take it, and says that this varies', async () => {
  await using scene = await startWithBuild()
  const brotli = await ask(scene.url + script, { 'accept-encoding': 'gzip, br' })
  const gzip = await ask(scene.url + script, { 'accept-encoding': 'gzip, br;q=0.1' })
  const plain = await ask(scene.url + script)
  const text = builtTexts[script.slice(1)]
  assert.deepEqual([brotli.headers['content-encoding'], gzip.headers['content-encoding']], ['br', 'gzip'])
  assert.equal(brotliDecompressSync(brotli.bytes).toString(), text)
  assert.equal(gunzipSync(gzip.bytes).toString(), text)
  assert.deepEqual([plain.headers['content-encoding'], plain.bytes.toString()], [undefined, text])
  const all = [brotli, gzip, plain]
  for (const { headers } of all) assert.equal(headers.vary, 'Accept-Encoding')
  assert.equal(new Set(all.map(({ headers }) => headers.etag)).size, 3, 'a strong tag names the bytes')
  const single = await ask(`${scene.url}/manifest.webmanifest`, { 'accept-encoding': 'br' })
  assert.deepEqual([single.headers['content-encoding'], single.headers.vary], [undefined, undefined])
})

test('who has the bytes already is told so, and a HEAD is the GET without them', async () => {
  await using scene = await startWithBuild()
  for (const path of ['/', '/login', script]) {
    const url = scene.url + path
    const got = await ask(url, aBrowser)
    const etag = got.headers.etag ?? ''
    assert.match(etag, /^"[\w-]{43}"$/)
    for (const known of [etag, `"other", ${etag}`, `W/${etag}`, '*']) {
      const again = await ask(url, { ...aBrowser, 'if-none-match': known })
      assert.deepEqual([again.status, again.headers.etag, again.bytes.length], [304, etag, 0], known)
      assert.equal(again.headers['cache-control'], got.headers['cache-control'])
      assert.equal(again.headers['content-type'], undefined)
    }
    assert.equal((await ask(url, { ...aBrowser, 'if-none-match': '"other"' })).status, 200)
    const head = await ask(url, aBrowser, 'HEAD')
    assert.deepEqual([head.status, head.headers.etag, head.bytes.length], [200, etag, 0])
    assert.equal(head.headers['content-length'], got.headers['content-length'])
  }
})

test('O5: what is not there is 404 and never the page, and pages only answer GET and HEAD', async () => {
  await using scene = await startWithBuild()
  const { url } = scene
  const api = [
    '/_matrix/nothing',
    '/_matrix',
    '/_synapse/admin',
    '/.well-known/nothing',
    '/_matrix/client/login',
  ]
  const files = ['/_app/immutable/entry/old.C3.js', '/_app', '/robots.txt', '/index.html', '/room/app.js']
  const hidden = ['/.stamp', '/gone.js', '/gone.js.gz', '/favicon.svg.br', '/constructor.js', '/__proto__']
  const climbing = ['/../package.json', '/_app/../.stamp', '/%2e%2e/package.json', '/..%2fpackage.json']
  for (const path of [...api, ...files, ...hidden, ...climbing]) {
    const { status, headers, bytes } = await ask(url + path, aBrowser)
    assert.deepEqual([status, headers['content-type']], [404, 'application/json'], path)
    assert.equal(JSON.parse(bytes.toString()).errcode, 'M_UNRECOGNIZED')
  }
  assert.equal((await ask(`${url}/nothing`, { accept: '*/*' })).status, 404, 'a program is not shown a page')
  for (const path of ['/', '/favicon.svg']) {
    const { status, headers } = await ask(url + path, aBrowser, 'POST')
    assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'])
  }
  assert.equal((await ask(`${url}/login`, aBrowser, 'POST')).status, 404)
  assert.equal((await scene.alpha.nobody.call('GET', '/_matrix/client/versions')).status, 200)
})

test('C1: the page runs its own scripts alone: from its origin, and inline only what was built', async () => {
  await using scene = await startWithBuild()
  const { headers } = await ask(`${scene.url}/login`, aBrowser)
  const policy = policyOf(headers)
  const hash = createHash('sha256').update(inlineScript).digest('base64')
  assert.deepEqual(policy.get('default-src'), ["'none'"])
  assert.deepEqual(policy.get('script-src'), ["'self'", `'sha256-${hash}'`])
  assert.deepEqual(policy.get('style-src'), ["'self'"])
  assert.deepEqual(policy.get('img-src'), ["'self'", 'blob:', 'data:'])
  for (const name of ['base-uri', 'form-action', 'frame-ancestors', 'object-src']) {
    assert.deepEqual(policy.get(name), ["'none'"], name)
  }
  assert.doesNotMatch(headers['content-security-policy'] ?? '', /unsafe/)
  const worker = await ask(scene.url + script)
  assert.equal(worker.headers['content-security-policy'], headers['content-security-policy'])
})

test('C1: the page may talk to any server over TLS, and without it to this machine alone', async () => {
  await using scene = await startWithBuild()
  const sources = policyOf((await ask(scene.url)).headers).get('connect-src') ?? []
  const plain = sources.filter((source) => /^(http|ws):/.test(source))
  assert.deepEqual(sources.slice(0, 3), ["'self'", 'https:', 'wss:'])
  assert.deepEqual(plain.toSorted(), [
    'http://127.0.0.1:*',
    'http://localhost:*',
    'ws://127.0.0.1:*',
    'ws://localhost:*',
  ])
  assert.equal(sources.length, 7)
})

test('C2: pages cannot be framed, sniffed or opened by another site, and say nothing to it', async () => {
  await using scene = await startWithBuild()
  for (const path of ['/', '/login', '/favicon.svg', script]) {
    const { headers } = await ask(scene.url + path, aBrowser)
    assert.equal(headers['x-frame-options'], 'DENY')
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin')
    assert.match(headers['permissions-policy'] ?? '', /camera=\(\)/)
    assert.equal(headers['access-control-allow-origin'], undefined)
  }
})

test('other servers are not shown the web client', async () => {
  await using scene = await startWithBuild()
  const { handler } = scene.alpha.api
  const peers = await listenHttp({ host: '127.0.0.1', port: 0, handler })
  try {
    const { status, bytes } = await ask(`http://127.0.0.1:${peers.port}/`, aBrowser)
    assert.deepEqual([status, JSON.parse(bytes.toString()).errcode], [404, 'M_UNRECOGNIZED'])
  } finally {
    await peers.close(0)
  }
})

test('C2: without a build / says how to make one, once in the log too, and the API works', async () => {
  const logged: string[] = []
  const logger = openLogger('info', { write: (line) => void logged.push(line) })
  await using alpha = await startTestServer({ pages: await webClient('/nonexistent/build', logger) })
  const { status, headers, bytes } = await ask(`${alpha.url}/`, aBrowser)
  assert.deepEqual([status, headers['content-type']], [503, 'text/html; charset=utf-8'])
  assert.match(bytes.toString(), /npm run build/)
  assert.deepEqual(policyOf(headers).get('default-src'), ["'none'"])
  assert.equal(headers['x-frame-options'], 'DENY')
  assert.equal((await ask(`${alpha.url}/login`, aBrowser)).status, 404)
  assert.equal((await alpha.nobody.call('GET', '/_matrix/client/versions')).status, 200)
  assert.equal(logged.filter((line) => line.includes('npm run build')).length, 1)
})

test('a folder that is too large to be a build stops the start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kith-test-build-'))
  try {
    await writeFile(join(folder, 'film.mkv'), Buffer.alloc(33 * 1024 * 1024))
    await assert.rejects(webClient(folder, quiet), { name: 'StartError' })
  } finally {
    await rm(folder, { recursive: true })
  }
})

function policyOf(headers: Record<string, string>): Map<string, string[]> {
  const directives = (headers['content-security-policy'] ?? '').split('; ')
  return new Map(
    directives.map((directive) => {
      const [name = '', ...sources] = directive.split(' ')
      return [name, sources]
    }),
  )
}
