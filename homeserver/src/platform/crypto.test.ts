import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { portableCrypto, portableSigningKey } from '@kith/spec/portable-crypto'
import { createNodeCrypto, nodeCrypto, signingKeyFromSeed } from './crypto.ts'

interface Case {
  name: string
  publicKey: string
  message: string
  signature: string
  valid: boolean
}

const vectors: { seed: string; cases: Case[] } = JSON.parse(
  readFileSync(new URL('../../../spec/vectors/ed25519.json', import.meta.url), 'utf8'),
)
const seed = Uint8Array.fromHex(vectors.seed)
const implementations = { node: nodeCrypto, portable: portableCrypto }

for (const [name, crypto] of Object.entries(implementations)) {
  test(`A2: ${name} accepts and rejects the recorded edge cases of Ed25519`, () => {
    for (const { name: what, publicKey, message, signature, valid } of vectors.cases) {
      const bytes = [publicKey, message, signature].map((hex) => Uint8Array.fromHex(hex))
      const [key, text, signed] = bytes as [Uint8Array, Uint8Array, Uint8Array]
      assert.equal(crypto.verify(key, text, signed), valid, what)
    }
  })
}

test('both implementations derive the same key from a seed and sign alike', () => {
  const native = signingKeyFromSeed('ed25519:a', seed)
  const portable = portableSigningKey('ed25519:a', seed)
  const message = new TextEncoder().encode('a message')
  assert.deepEqual(native.publicKey, portable.publicKey)
  assert.deepEqual(new Uint8Array(native.sign(message)), portable.sign(message))
  assert.ok(nodeCrypto.verify(native.publicKey, message, portable.sign(message)))
  assert.throws(() => signingKeyFromSeed('ed25519:a', seed.subarray(1)), /31 bytes/)
})

test('both implementations hash alike at every length around the block size', () => {
  for (let length = 0; length < 200; length++) {
    const data = new Uint8Array(length).map((_, index) => index * 7 + length)
    const expected = createHash('sha256').update(data).digest('hex')
    assert.equal(nodeCrypto.sha256(data).toHex(), expected)
    assert.equal(portableCrypto.sha256(data).toHex(), expected)
  }
  assert.deepEqual(portableCrypto.sha256('é'), new Uint8Array(nodeCrypto.sha256('é')))
})

test('keys beyond the cache still verify', () => {
  const crypto = createNodeCrypto()
  const message = new Uint8Array(4)
  for (let i = 0; i < 5000; i++) {
    const key = new Uint8Array(32).map((_, index) => (i >> (index % 4)) + index)
    crypto.verify(key, message, new Uint8Array(64).fill(9))
  }
  const key = signingKeyFromSeed('ed25519:a', seed)
  assert.ok(crypto.verify(key.publicKey, message, key.sign(message)))
})
