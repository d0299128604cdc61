import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import nacl from 'tweetnacl'
import { portableCrypto } from './portable-crypto.ts'

interface Case {
  name: string
  publicKey: string
  message: string
  signature: string
  valid: boolean
}

const { cases }: { cases: Case[] } = JSON.parse(
  readFileSync(new URL('../vectors/ed25519.json', import.meta.url), 'utf8'),
)

test('A2: the checks before the arithmetic make the difference for keys and signatures of a bad form', () => {
  const saved = cases.filter(({ publicKey, message, signature, valid }) => {
    const [key, text, signed] = [publicKey, message, signature].map((hex) => Uint8Array.fromHex(hex))
    if (!key || !text || !signed || key.length !== 32 || signed.length !== 64) return false
    assert.equal(portableCrypto.verify(key, text, signed), valid)
    return nacl.sign.detached.verify(text, signed, key) && !valid
  })
  assert.ok(saved.length >= 15, `only ${saved.length} cases need the checks`)
})
