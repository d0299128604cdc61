import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'
import type { Crypto, SigningKey } from '@kith/spec/crypto'
import { isStrictPublicKey, isStrictSignature } from '@kith/spec/ed25519'

/** RFC 8410: what precedes the 32 raw bytes of an Ed25519 key in DER. */
const publicKeyHeader = Buffer.from('302a300506032b6570032100', 'hex')
const privateKeyHeader = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Importing a key costs as much as several verifications. 4,096 keys take about 2 MiB. */
const maxCachedKeys = 4096

export const nodeCrypto: Crypto = createNodeCrypto()

export function createNodeCrypto(): Crypto {
  const keys = new Map<string, KeyObject>()
  return {
    sha256: (data) => hash('sha256', data, 'buffer'),
    verify(publicKey, message, signature) {
      if (!isStrictPublicKey(publicKey) || !isStrictSignature(signature)) return false
      return verify(null, message, cachedKey(keys, publicKey), signature)
    },
  }
}

/** @param seed the 32 bytes that are the secret */
export function signingKeyFromSeed(keyId: string, seed: Uint8Array): SigningKey {
  if (seed.length !== 32) throw new Error(`The seed of ${keyId} has ${seed.length} bytes, not 32`)
  const key = createPrivateKey({ key: Buffer.concat([privateKeyHeader, seed]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    keyId,
    publicKey: new Uint8Array(spki.subarray(publicKeyHeader.length)),
    sign: (message) => sign(null, message, key),
  }
}

function cachedKey(keys: Map<string, KeyObject>, publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.byteLength).toString('latin1')
  const known = keys.get(name)
  if (known) return known
  const der = Buffer.concat([publicKeyHeader, publicKey])
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  if (keys.size >= maxCachedKeys) keys.delete(keys.keys().next().value as string)
  keys.set(name, key)
  return key
}
