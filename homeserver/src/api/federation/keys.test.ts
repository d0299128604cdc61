import assert from 'node:assert/strict'
import test from 'node:test'
import type { ServerKeys } from '@kith/spec/api/federation/keys-server'
import { verifyJson } from '@kith/spec/signing'
import { loadConfig } from '../../config.ts'
import {
  keyAnswer,
  ownKey,
  ownName,
  type TestPeer,
  testFederation,
  testPeer,
} from '../../domain/federation/test-peer.ts'
import { openHomeserver } from '../../domain/open-homeserver.ts'
import { nodeCrypto } from '../../platform/crypto.ts'
import { openLogger } from '../../platform/logger.ts'
import { scratchDatabase } from '../../platform/scratch-database.ts'
import { createApi } from '../api.ts'
import { listenHttp } from '../listen.ts'
import { serverKeyRoutes } from './keys.ts'
import { serverVersionRoutes } from './version.ts'

const hour = 3600_000

/** Whatever an answer holds that a test looks at. */
type Said = ServerKeys & {
  server: { name: string; version: string }
  server_keys: ServerKeys[]
  errcode: string
}

/** This server over HTTP, and another whose keys it can fetch. */
async function scene(seed: number) {
  const time = { now: Date.now() }
  await using cleanup = new AsyncDisposableStack()
  const database = cleanup.use(await scratchDatabase())
  const peer = cleanup.use(await testPeer(seed, { now: () => time.now }))
  const federation = cleanup.use(testFederation({ database, time }))
  const config = { ...loadConfig({}, []), serverName: ownName }
  const clock = { now: () => time.now }
  const domains = [{ name: ownName, key: ownKey, oldKeys: [] }] as const
  const open = await openHomeserver({ config, database, clock, logger: openLogger('silent'), domains })
  cleanup.defer(open.stop)
  const routes = [...serverKeyRoutes, ...serverVersionRoutes]
  const { authenticate } = federation
  const server = { ...open.server, federation }
  const api = createApi(server, routes, { authenticateServer: authenticate, checksAnswers: true })
  const listener = await listenHttp({ host: '127.0.0.1', port: 0, handler: api.handler })
  cleanup.defer(() => listener.close(1000))
  const call = async (path: string, body?: unknown) => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const response = await fetch(`http://127.0.0.1:${listener.port}/_matrix/${path}`, init)
    return { status: response.status, json: (await response.json()) as Said }
  }
  const vouched = async (path: string, body?: unknown): Promise<ServerKeys[]> => {
    const { status, json } = await call(path, body)
    assert.equal(status, 200)
    return json.server_keys
  }
  const kept = cleanup.move()
  return { time, peer, call, vouched, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

const isSignedByBoth = (keys: ServerKeys | undefined, peer: TestPeer) =>
  keys !== undefined &&
  verifyJson(keys, peer.name, peer.key, nodeCrypto) &&
  verifyJson(keys, ownName, ownKey, nodeCrypto)

test('our keys are published, signed by themselves, under the old paths too', async () => {
  await using s = await scene(41)
  for (const path of ['key/v2/server', 'key/v2/server/', 'key/v2/server/ed25519:a']) {
    const { status, json } = await s.call(path)
    assert.deepEqual([status, json.server_name], [200, ownName])
    assert.deepEqual(Object.keys(json.verify_keys), [ownKey.keyId])
    assert.ok(verifyJson(json, ownName, ownKey, nodeCrypto))
  }
})

test('other servers are told what this one is', async () => {
  await using s = await scene(42)
  const { json } = await s.call('federation/v1/version')
  assert.equal(json.server.name, 'Kith')
  assert.match(json.server.version, /^\d+\.\d+\.\d+/)
})

test('as a notary we sign what a server says of its keys, and say it too while that server is down', async () => {
  await using s = await scene(43)
  const { peer } = s
  const path = `key/v2/query/${peer.name}`
  assert.ok(isSignedByBoth((await s.vouched(path))[0], peer))
  const body = { server_keys: { [peer.name]: { [peer.key.keyId]: { minimum_valid_until_ts: s.time.now } } } }
  assert.ok(isSignedByBoth((await s.vouched('key/v2/query', body))[0], peer))
  assert.equal(peer.keyRequests, 1)
  peer.keys = () => undefined
  s.time.now += hour
  assert.ok(isSignedByBoth((await s.vouched(path))[0], peer))
  assert.equal(peer.keyRequests, 2)
})

test('a notary asks again when its answer is half over or not valid for as long as is wanted', async () => {
  await using s = await scene(44)
  const { peer } = s
  const path = `key/v2/query/${peer.name}`
  await s.vouched(path)
  s.time.now += hour / 2
  peer.keys = () => keyAnswer(peer.name, [peer.key], { until: s.time.now + 5 * hour })
  assert.equal((await s.vouched(path))[0]?.valid_until_ts, s.time.now + 5 * hour)
  s.time.now += 60_000
  await s.vouched(`${path}?minimum_valid_until_ts=${s.time.now + 4 * hour}`)
  assert.equal(peer.keyRequests, 2)
  await s.vouched(`${path}?minimum_valid_until_ts=${s.time.now + 6 * hour}`)
  assert.equal(peer.keyRequests, 3)
})

test('F12: a notary leaves out servers that are unknown or answer falsely, and is not made to ask at will', async () => {
  await using s = await scene(45)
  const { peer } = s
  peer.keys = () => ({ ...keyAnswer('other.example', [peer.key], { until: s.time.now + hour }) })
  const wanted = { [ownName]: {}, [peer.name]: {}, '127.0.2.97:1': {}, 'not a name': {} }
  const answers = await s.vouched('key/v2/query', { server_keys: wanted })
  assert.deepEqual(
    answers.map((keys) => keys.server_name),
    [ownName],
  )
  await s.vouched(`key/v2/query/${peer.name}`)
  assert.equal(peer.keyRequests, 1)
  assert.deepEqual(await s.vouched('key/v2/query', { server_keys: {} }), [])

  const tooMany = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`s${i}.example`, {}]))
  const refusals = [
    await s.call('key/v2/query', { server_keys: tooMany }),
    await s.call('key/v2/query/not%20a%20name'),
    await s.call(`key/v2/query/${peer.name}?minimum_valid_until_ts=1e9`),
  ]
  for (const { status, json } of refusals) {
    assert.deepEqual([status, json.errcode], [400, 'M_INVALID_PARAM'])
  }
  assert.equal((await s.call('key/v2/query', { server_keys: [] })).json.errcode, 'M_BAD_JSON')
})
