import nacl from 'tweetnacl'
import type { Crypto, SigningKey } from './crypto.ts'
import { isStrictPublicKey, isStrictSignature } from './ed25519.ts'
import { sha256 } from './sha256.ts'

const utf8 = new TextEncoder()

/** Runs anywhere, some sixty times slower than a native implementation. */
export const portableCrypto: Crypto = {
  sha256: (data) => sha256(typeof data === 'string' ? utf8.encode(data) : data),
  verify: (publicKey, message, signature) =>
    isStrictPublicKey(publicKey) &&
    isStrictSignature(signature) &&
    nacl.sign.detached.verify(message, signature, publicKey),
}

/** @param seed the 32 bytes that are the secret */
export function portableSigningKey(keyId: string, seed: Uint8Array): SigningKey {
  const pair = nacl.sign.keyPair.fromSeed(seed)
  return {
    keyId,
    publicKey: pair.publicKey,
    sign: (message) => nacl.sign.detached(message, pair.secretKey),
  }
}
