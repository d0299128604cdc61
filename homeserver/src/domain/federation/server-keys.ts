import type { ServerKeys } from '@kith/spec/api/federation/keys-server'
import { decodeBase64, encodeBase64 } from '@kith/spec/base64'
import type { Crypto, VerifyKey } from '@kith/spec/crypto'
import { verifyJson } from '@kith/spec/signing'
import type { KnownKey } from '../../storage/server-keys.ts'
import { isKnownInsecure } from './insecure-keys.ts'

/** However long a server says its keys are valid, it must be asked again after a week. */
const longestValidMs = 7 * 24 * 3600 * 1000
/** Of each kind. A server that lists more has them ignored. */
const maxKeys = 100

/**
 * The keys that an answer about a server's keys proves: those in use that signed it, and the former ones. Empty when
 * no key signed it or it is about another server.
 *
 * Source: server-server API, "Publishing Keys" and "Retrieving server keys".
 */
export function keysIn(
  answer: ServerKeys,
  context: { serverName: string; now: number; crypto: Crypto },
): KnownKey[] {
  const { serverName, now, crypto } = context
  if (answer.server_name !== serverName) return []
  const validUntil = Math.min(answer.valid_until_ts, now + longestValidMs)
  const current = listed(answer.verify_keys).flatMap(([keyId, { key }]) => {
    const publicKey = usableKey(keyId, key)
    if (!publicKey || !isSignedBy(answer, serverName, { key: { keyId, publicKey }, crypto })) return []
    return [{ keyId, publicKey, validUntil, retired: false }]
  })
  if (current.length === 0) return []
  const former = listed(answer.old_verify_keys ?? {}).flatMap(([keyId, { key, expired_ts }]) => {
    const publicKey = usableKey(keyId, key)
    const isCurrent = Object.hasOwn(answer.verify_keys, keyId)
    return publicKey && !isCurrent
      ? [{ keyId, publicKey, validUntil: Math.min(expired_ts, now), retired: true }]
      : []
  })
  return [...current, ...former]
}

const listed = <T>(keys: Record<string, T>): [string, T][] => Object.entries(keys).slice(0, maxKeys)

function usableKey(keyId: string, encoded: string): Uint8Array | undefined {
  const publicKey = decodeBase64(encoded)
  if (!/^ed25519:\w{1,200}$/.test(keyId) || publicKey?.length !== 32) return undefined
  return isKnownInsecure(publicKey) ? undefined : publicKey
}

/** Whether a key signed an answer. What is no canonical JSON was signed by none. */
export function isSignedBy(
  answer: ServerKeys,
  server: string,
  by: { key: VerifyKey; crypto: Crypto },
): boolean {
  try {
    return verifyJson(answer, server, by.key, by.crypto)
  } catch {
    return false
  }
}

/** Where an answer came from: the server itself, by TLS, or another that vouches for it. */
export type KeySource = 'itself' | 'notary'

/**
 * What an answer changes in what is known of a server: the keys to be stored.
 *
 * A key is never replaced by another of its id while it is valid; afterwards only the server itself may do so. A notary
 * can add keys and prolong them, but neither retires a key nor brings a retired one back.
 */
export function changedKeys(
  known: ReadonlyMap<string, KnownKey>,
  answered: readonly KnownKey[],
  { source, now }: { source: KeySource; now: number },
): KnownKey[] {
  return answered.filter((key) => {
    const old = known.get(key.keyId)
    if (!old) return true
    if (encodeBase64(old.publicKey) !== encodeBase64(key.publicKey)) {
      return source === 'itself' && !old.retired && old.validUntil < now
    }
    if (old.retired !== key.retired) return source === 'itself'
    return key.retired
      ? source === 'itself' && key.validUntil !== old.validUntil
      : key.validUntil > old.validUntil
  })
}
