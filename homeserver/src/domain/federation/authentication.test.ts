import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { encodeBase64 } from '@kith/spec/base64'
import { canonicalJson } from '@kith/spec/canonical-json'
import type { SigningKey } from '@kith/spec/crypto'
import type { Json } from '@kith/spec/json'
import { signingKeyFromSeed } from '../../platform/crypto.ts'
import { scratchDatabase } from '../../platform/scratch-database.ts'
import { keyAnswer, ownName, testFederation, testPeer } from './test-peer.ts'
import { formatXMatrix, signedRequestBytes } from './x-matrix.ts'

const database = await scratchDatabase()
after(() => database[Symbol.asyncDispose]())
const path = '/_matrix/federation/v1/send/1?x=%20'
const body: Json = { pdus: [], edus: [{ ratio: 0.5 }] }

/** A request as `key` signs it. */
function signedBy(
  key: SigningKey,
  origin: string,
  changes: { destination?: string | null; body?: Json } = {},
) {
  const destination = changes.destination === null ? undefined : (changes.destination ?? ownName)
  const content = canonicalJson('body' in changes ? (changes.body ?? null) : body, { floats: true })
  const sig = encodeBase64(
    key.sign(signedRequestBytes({ method: 'PUT', uri: path, origin, destination, content })),
  )
  const authorization = [formatXMatrix({ origin, destination, key: key.keyId, sig })]
  return { method: 'PUT', path, authorization, body }
}

async function scene(seed: number) {
  const time = { now: Date.now() }
  const peer = await testPeer(seed, { now: () => time.now })
  const federation = testFederation({ database, time })
  const close = async () => {
    await federation[Symbol.asyncDispose]()
    await peer[Symbol.asyncDispose]()
  }
  return { time, peer, federation, [Symbol.asyncDispose]: close }
}

const unauthorized = { code: 'M_UNAUTHORIZED' }

test('F1: a request that its server signed for us is taken, and its key is fetched once', async () => {
  await using s = await scene(11)
  const request = signedBy(s.peer.key, s.peer.name)
  const expected = { origin: s.peer.name, destination: ownName }
  const both = [s.federation.authenticate(request), s.federation.authenticate(request)]
  assert.deepEqual(await Promise.all(both), [expected, expected])
  await using restarted = testFederation({ database, time: s.time })
  assert.deepEqual(await restarted.authenticate(request), expected)
  assert.equal(s.peer.keyRequests, 1)
})

test('F1: replayed with another method, path or body, to another server or by another, it is refused', async () => {
  await using s = await scene(12)
  await using other = await testPeer(13, { now: () => s.time.now })
  const { authenticate } = s.federation
  const request = signedBy(s.peer.key, s.peer.name)
  const [header = ''] = request.authorization
  await authenticate(request)

  const replays = [
    { ...request, method: 'POST' },
    { ...request, path: path.replace('/1', '/2') },
    { ...request, path: path.replace('%20', '+') },
    { ...request, path: '/_matrix/federation/v1/send/1' },
    { ...request, body: { ...body, pdus: [1] } },
    { ...request, body: undefined },
    { ...request, authorization: [header.replace(ownName, 'other.example')] },
    { ...request, authorization: [header.replace(`destination="${ownName}",`, '')] },
    { ...request, authorization: [header.replace(s.peer.name, other.name)] },
    { ...request, authorization: [header.replace('ed25519:peer', 'ed25519:none')] },
    { ...request, authorization: [header.replace(/sig="(.)/, (_, c) => `sig="${c === 'A' ? 'B' : 'A'}`)] },
    { ...request, authorization: [header.replace(/sig=".*?"/, 'sig="AAAA"')] },
    { ...request, authorization: ['Bearer abc'] },
    { ...request, authorization: [] },
    signedBy(s.peer.key, s.peer.name, { destination: 'other.example' }),
    signedBy(s.peer.key, ownName),
    signedBy(s.peer.key, 'not a name'),
  ]
  for (const replay of replays)
    await assert.rejects(authenticate(replay), unauthorized, JSON.stringify(replay))
})

test('F1: a request without a destination is taken if that is how it was signed', async () => {
  await using s = await scene(14)
  const request = signedBy(s.peer.key, s.peer.name, { destination: null })
  assert.equal((await s.federation.authenticate(request)).destination, ownName)
  await assert.rejects(
    s.federation.authenticate(signedBy(s.peer.key, s.peer.name, { destination: '' })),
    unauthorized,
  )
})

test('F1: of several headers one must hold, and they must name the same servers', async () => {
  await using s = await scene(15)
  const request = signedBy(s.peer.key, s.peer.name)
  const [header = ''] = request.authorization
  const forged = header.replace('ed25519:peer', 'ed25519:none')
  await s.federation.authenticate({ ...request, authorization: [forged, header] })
  const foreign = header.replace(s.peer.name, '127.0.2.99:1')
  await assert.rejects(
    s.federation.authenticate({ ...request, authorization: [foreign, header] }),
    unauthorized,
  )
})

test('F1: a server whose key cannot be had is refused, and not asked again at once', async () => {
  await using s = await scene(16)
  s.peer.keys = () => undefined
  const request = signedBy(s.peer.key, s.peer.name)
  for (let i = 0; i < 5; i++) await assert.rejects(s.federation.authenticate(request), unauthorized)
  assert.equal(s.peer.keyRequests, 1)
  await assert.rejects(s.federation.authenticate(signedBy(s.peer.key, '127.0.2.98:1')), unauthorized)
})

test('F12: a key that has expired, was retired, is known to be insecure or of another server is refused', async () => {
  await using s = await scene(17)
  const { name, key } = s.peer
  const now = s.time.now
  const leaked = signingKeyFromSeed('ed25519:leaked', new Uint8Array(32))
  const other = signingKeyFromSeed('ed25519:other', new Uint8Array(32).fill(99))
  const third = signingKeyFromSeed('ed25519:third', new Uint8Array(32).fill(98))
  const old = { [key.keyId]: { key: encodeBase64(key.publicKey), expired_ts: now - 1 } }
  const answers = [
    { by: key, answer: keyAnswer(name, [key], { until: now - 1 }) },
    { by: key, answer: keyAnswer(name, [other], { until: now + 1000, old }) },
    { by: leaked, answer: keyAnswer(name, [leaked], { until: now + 1000 }) },
    { by: third, answer: keyAnswer('other.example', [third], { until: now + 1000 }) },
    { by: third, answer: { ...keyAnswer(name, [third], { until: now + 1000 }), valid_until_ts: now + 2000 } },
  ]
  for (const { by, answer } of answers) {
    s.peer.keys = () => answer
    await using fresh = testFederation({ database, time: s.time })
    await assert.rejects(fresh.authenticate(signedBy(by, name)), unauthorized, JSON.stringify(answer))
  }
  assert.equal(s.peer.keyRequests, answers.length)
})

test('F12: a key is asked for again when it has run out, and counts again when it was prolonged', async () => {
  await using s = await scene(18)
  const request = signedBy(s.peer.key, s.peer.name)
  await s.federation.authenticate(request)
  s.time.now += 3600_000 + 1
  await s.federation.authenticate(request)
  assert.equal(s.peer.keyRequests, 2)
  const week = 7 * 24 * 3600_000
  s.peer.keys = () => keyAnswer(s.peer.name, [s.peer.key], { until: s.time.now + 100 * week })
  s.time.now += 3600_000 + 1
  await s.federation.authenticate(request)
  s.peer.keys = () => undefined
  s.time.now += week
  await s.federation.authenticate(request)
  s.time.now += 1
  await assert.rejects(s.federation.authenticate(request), unauthorized)
})
