import type { ServerKeys } from '@kith/spec/api/federation/keys-server'
import { encodeBase64 } from '@kith/spec/base64'
import type { SigningKey, VerifyKey } from '@kith/spec/crypto'
import { signJson } from '@kith/spec/signing'
import type { Clock } from '../../platform/clock.ts'
import type { OldKey } from './signing-keys.ts'

/** The keys of one local domain, as others see them. */
export interface OwnKeys {
  /** For `GET /_matrix/key/v2/server`. Valid for 12 to 24 hours from now. */
  published(): ServerKeys
  /** The key by its id, if what it signed at that time counts. */
  find(keyId: string, atMs: number): VerifyKey | undefined
}

const validMs = 24 * 3600 * 1000

export function ownKeys(options: {
  serverName: string
  key: SigningKey
  oldKeys: readonly OldKey[]
  clock: Clock
}): OwnKeys {
  const { key, oldKeys, clock } = options
  let current: ServerKeys | undefined
  return {
    published() {
      if (!current || current.valid_until_ts - clock.now() < validMs / 2) current = publish(options)
      return current
    },
    find(keyId, atMs) {
      if (keyId === key.keyId) return key
      return oldKeys.find((old) => old.keyId === keyId && atMs <= old.expiredAt)
    },
  }
}

function publish(options: Parameters<typeof ownKeys>[0]): ServerKeys {
  const { serverName, key, oldKeys, clock } = options
  const old = oldKeys.map(({ keyId, publicKey, expiredAt }) => [
    keyId,
    { key: encodeBase64(publicKey), expired_ts: expiredAt },
  ])
  const keys = {
    server_name: serverName,
    valid_until_ts: clock.now() + validMs,
    verify_keys: { [key.keyId]: { key: encodeBase64(key.publicKey) } },
    old_verify_keys: Object.fromEntries(old),
    signatures: {},
  }
  return signJson(keys, serverName, key)
}
