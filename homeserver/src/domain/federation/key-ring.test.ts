import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { encodeBase64 } from '@kith/spec/base64'
import { signJson } from '@kith/spec/signing'
import { signingKeyFromSeed } from '../../platform/crypto.ts'
import { scratchDatabase } from '../../platform/scratch-database.ts'
import { keyAnswer, ownKey, ownName, type TestPeer, testFederation, testPeer } from './test-peer.ts'

const database = await scratchDatabase()
after(() => database[Symbol.asyncDispose]())
const hour = 3600_000

const otherKey = (peer: TestPeer) => signingKeyFromSeed(peer.key.keyId, new Uint8Array(32).fill(150))

test('F12: a spurious answer never overwrites a valid key, not even from the server itself', async () => {
  const time = { now: Date.now() }
  await using peer = await testPeer(21, { now: () => time.now })
  await using federation = testFederation({ database, time })
  const { name: server, key } = peer
  const find = (keyId: string) => federation.ring.keyFor({ server, keyId, atMs: time.now })
  const isOriginal = async () => {
    const found = await find(key.keyId)
    return typeof found === 'object' && encodeBase64(found.publicKey) === encodeBase64(key.publicKey)
  }
  assert.ok(await isOriginal())
  peer.keys = () => keyAnswer(server, [otherKey(peer)], { until: time.now + hour })
  time.now += 10_000
  assert.equal(await find('ed25519:absent'), 'invalid')
  assert.equal(peer.keyRequests, 2)
  assert.ok(await isOriginal())
  await using restarted = testFederation({ database, time })
  const found = await restarted.ring.keyFor({ server, keyId: key.keyId, atMs: time.now })
  assert.deepEqual(typeof found === 'object' && Buffer.from(found.publicKey), Buffer.from(key.publicKey))
  time.now += hour
  assert.equal(await isOriginal(), false)
})

test('A1: a retired key holds for what it signed before, and for nothing after', async () => {
  const time = { now: Date.now() }
  await using peer = await testPeer(22, { now: () => time.now })
  await using federation = testFederation({ database, time })
  const { name: server, key } = peer
  const next = signingKeyFromSeed('ed25519:next', new Uint8Array(32).fill(151))
  const expired = time.now - hour
  const old = { [key.keyId]: { key: encodeBase64(key.publicKey), expired_ts: expired } }
  peer.keys = () => keyAnswer(server, [next], { until: time.now + hour, old })

  const at = (keyId: string, atMs: number) => ({ server, keyId, atMs })
  const found = await federation.ring.keysFor([
    at(key.keyId, expired),
    at(key.keyId, expired + 1),
    at('ed25519:next', 0),
    at('ed25519:next', time.now + hour + 1),
  ])
  assert.deepEqual(
    found.map((each) => (typeof each === 'object' ? each.keyId : each)),
    [key.keyId, 'invalid', 'ed25519:next', 'invalid'],
  )
  assert.equal(peer.keyRequests, 1)
})

test('A1: a key of a server that cannot be reached is unavailable, and found when the server is back', async () => {
  const time = { now: Date.now() }
  await using peer = await testPeer(23, { now: () => time.now })
  await using federation = testFederation({ database, time })
  const keys = peer.keys
  const request = { server: peer.name, keyId: peer.key.keyId, atMs: time.now }
  peer.keys = () => undefined
  assert.equal(await federation.ring.keyFor(request), 'unavailable')
  peer.keys = keys
  assert.equal(await federation.ring.keyFor(request), 'unavailable')
  assert.equal(peer.keyRequests, 1)
  time.now += 30_000
  assert.equal(typeof (await federation.ring.keyFor(request)), 'object')
})

test('A1: a server that answers too late costs no more than the deadline', async () => {
  const time = { now: Date.now() }
  await using peer = await testPeer(24, { now: () => time.now })
  await using quick = await testPeer(25, { now: () => time.now })
  await using federation = testFederation({ database, time })
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  peer.keysUntil = released
  const at = (server: TestPeer) => ({ server: server.name, keyId: server.key.keyId, atMs: time.now })
  const found = await federation.ring.keysFor([at(peer), at(quick)], 300)
  assert.deepEqual(
    found.map((each) => typeof each),
    ['string', 'object'],
  )
  assert.equal(found[0], 'unavailable')
  release()
})

test('our own keys need no request', async () => {
  const time = { now: Date.now() }
  await using federation = testFederation({ database, time })
  const own = { server: ownName, keyId: ownKey.keyId, atMs: time.now }
  assert.deepEqual(await federation.ring.keyFor(own), ownKey)
  assert.equal(await federation.ring.keyFor({ ...own, keyId: 'ed25519:other' }), 'invalid')
})

test('F12: a trusted notary tells the keys of a server that is down, but only signed ones', async () => {
  const time = { now: Date.now() }
  await using peer = await testPeer(26, { now: () => time.now })
  await using notary = await testPeer(27, { now: () => time.now })
  const answer = keyAnswer(peer.name, [peer.key], { until: time.now + hour })
  peer.keys = () => undefined
  const request = { server: peer.name, keyId: peer.key.keyId, atMs: time.now }
  const askWith = async (told: typeof answer, notaries = [notary.name]) => {
    notary.answer = () => ({ json: { server_keys: [told] } })
    await using federation = testFederation({ database, time, notaries })
    return await federation.ring.keyFor(request)
  }
  const vouched = signJson(answer, notary.name, notary.key)
  const forged = signJson({ ...answer, valid_until_ts: time.now + 2 * hour }, notary.name, notary.key)
  assert.equal(await askWith(answer), 'unavailable')
  assert.equal(await askWith(forged), 'unavailable')
  assert.equal(await askWith(signJson(answer, notary.name, otherKey(notary))), 'unavailable')
  assert.equal(await askWith(vouched, []), 'unavailable')
  assert.equal(typeof (await askWith(vouched)), 'object')
  assert.deepEqual(JSON.parse(notary.requests[0]?.body ?? ''), {
    server_keys: { [peer.name]: { [peer.key.keyId]: { minimum_valid_until_ts: time.now } } },
  })
})

test('F12: a notary can neither retire a key nor replace it', async () => {
  const time = { now: Date.now() }
  await using peer = await testPeer(28, { now: () => time.now })
  await using notary = await testPeer(29, { now: () => time.now })
  await using federation = testFederation({ database, time, notaries: [notary.name] })
  const { name: server, key } = peer
  const original = { server, keyId: key.keyId, atMs: time.now }
  await federation.ring.keyFor(original)
  peer.keys = () => undefined
  time.now += 60_000
  const evil = signingKeyFromSeed('ed25519:evil', new Uint8Array(32).fill(152))
  const retiring = { [key.keyId]: { key: encodeBase64(key.publicKey), expired_ts: 1 } }
  const answers = [
    keyAnswer(server, [evil], { until: time.now + hour, old: retiring }),
    keyAnswer(server, [evil, otherKey(peer)], { until: time.now + hour }),
  ]
  const signed = answers.map((answer) => signJson(answer, notary.name, notary.key))
  notary.answer = () => ({ json: { server_keys: signed } })
  await federation.ring.keyFor({ ...original, keyId: 'ed25519:absent' })
  assert.ok(notary.requests.length > 0)
  const found = await federation.ring.keyFor({ ...original, atMs: time.now })
  assert.deepEqual(typeof found === 'object' && Buffer.from(found.publicKey), Buffer.from(key.publicKey))
})
