import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { contentHash, referenceBytes } from './events/event-id.ts'
import type { Pdu } from './events/pdu.ts'
import type { JsonObject } from './json.ts'
import { portableCrypto, portableSigningKey } from './portable-crypto.ts'
import { roomVersions } from './rooms/room-version.ts'
import { signJson, verifyJson } from './signing.ts'

interface SigningVectors {
  seed: string
  serverName: string
  keyId: string
  json: { object: JsonObject; signature: string }[]
  events: { event: Pdu; hash: string; signature: string }[]
}

const vectors: SigningVectors = JSON.parse(
  readFileSync(new URL('../vectors/signing.json', import.meta.url), 'utf8'),
)
const key = portableSigningKey(vectors.keyId, decodeBase64(vectors.seed) as Uint8Array)

test('JSON is signed as in the vectors of the specification', () => {
  for (const { object, signature } of vectors.json) {
    const signed = signJson(object, vectors.serverName, key)
    assert.deepEqual(signed, { ...object, signatures: { domain: { 'ed25519:1': signature } } })
    assert.ok(verifyJson(signed, 'domain', key, portableCrypto))
  }
})

test('events are hashed and signed as in the vectors of the specification', () => {
  // The vectors have fields that a redaction takes away since room version 11.
  const before11 = [...roomVersions.values()].filter(({ redaction }) => redaction !== 'v11')
  assert.equal(before11.length, 11)
  for (const { event, hash, signature } of vectors.events) {
    assert.equal(contentHash(event, portableCrypto), hash)
    for (const rules of before11) {
      const reference = referenceBytes({ ...event, hashes: { sha256: hash } }, rules)
      assert.equal(encodeBase64(key.sign(reference)), signature, `version ${rules.version}`)
    }
  }
})

test('a signature is added beside those of others and covers neither them nor unsigned', () => {
  const first = signJson({ a: 1, unsigned: { age: 5 } }, 'one.test', key)
  const both = signJson(first, 'two.test', key)
  const later = { ...both, unsigned: { age: 6 } }
  assert.ok(verifyJson(later, 'one.test', key, portableCrypto))
  assert.ok(verifyJson(later, 'two.test', key, portableCrypto))
  assert.equal(verifyJson({ ...later, a: 2 }, 'one.test', key, portableCrypto), false)
})

test('J9: a server called __proto__ or constructor signs and verifies as any other', () => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    assert.equal(verifyJson({ a: 1, signatures: {} }, name, key, portableCrypto), false)
    assert.ok(verifyJson(signJson({ a: 1 }, name, key), name, key, portableCrypto))
  }
})

test('A2: signatures are compared after decoding, with the exact length', () => {
  const signature = encodeBase64(key.sign(new TextEncoder().encode('{"a":1}')))
  const check = (changed: string) =>
    verifyJson({ a: 1, signatures: { domain: { 'ed25519:1': changed } } }, 'domain', key, portableCrypto)
  assert.ok(check(signature))
  assert.ok(check(`${signature}==`), 'padding is accepted')
  assert.equal(check(signature.slice(0, -2)), false)
  assert.equal(check(`${signature}AA`), false)
  assert.equal(check(` ${signature.slice(1)}`), false)
  assert.equal(check(''), false)
})
