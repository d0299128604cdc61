import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { decodeBase64, encodeBase64 } from '@kith/spec/base64'
import type { SigningKey } from '@kith/spec/crypto'
import { signingKeyFromSeed } from '../../platform/crypto.ts'
import { StartError } from '../../platform/start-error.ts'
import { isKnownInsecure } from './insecure-keys.ts'

/** A key with which this server once signed. */
export interface OldKey {
  keyId: string
  publicKey: Uint8Array
  /** Milliseconds since 1970: what it signed later does not count. */
  expiredAt: number
}

/**
 * The server's own signing key: `signing.key` in the data directory, one line `ed25519 VERSION SEED` as Synapse
 * writes it. Made at the first start.
 *
 * @param databaseIsNew whether the database belongs to no server yet
 * @throws StartError when the key is lost, readable by everyone, malformed or known to be insecure
 */
export function loadSigningKey(options: { dataDir: string; databaseIsNew: boolean }): SigningKey {
  const file = join(options.dataDir, 'signing.key')
  const mode = statSync(file, { throwIfNoEntry: false })?.mode
  if (mode === undefined) {
    if (options.databaseIsNew) return makeSigningKey(file)
    throw new StartError(`${file}: is missing, but the database belongs to a server that signed with it`)
  }
  if (mode & 0o004) throw new StartError(`${file}: is readable by everyone: run chmod o-rwx ${file}`)
  const key = parseSigningKey(readFileSync(file, 'utf8'))
  if (!key) throw new StartError(`${file}: is not a line "ed25519 VERSION SEED"`)
  if (isKnownInsecure(key.publicKey)) throw new StartError(`${file}: holds a key that is public knowledge`)
  return key
}

function makeSigningKey(file: string): SigningKey {
  const seed = randomBytes(32)
  mkdirSync(dirname(file), { recursive: true })
  const version = `a_${randomBytes(3).toString('hex')}`
  writeFileSync(file, `ed25519 ${version} ${encodeBase64(seed)}\n`, { mode: 0o600, flag: 'wx', flush: true })
  return signingKeyFromSeed(`ed25519:${version}`, seed)
}

function parseSigningKey(text: string): SigningKey | undefined {
  const [algorithm, version = '', encoded = '', ...rest] = text.trim().split(/\s+/)
  const seed = decodeBase64(encoded)
  if (algorithm !== 'ed25519' || !/^\w+$/.test(version) || seed?.length !== 32 || rest.length > 0)
    return undefined
  return signingKeyFromSeed(`ed25519:${version}`, seed)
}

/**
 * Former keys, so that others can still check old events: `old-signing-keys` in the data directory, if there is
 * one, with lines `ed25519 VERSION PUBLICKEY EXPIRED`, the last in milliseconds since 1970. Empty lines and those
 * that begin with `#` are skipped.
 *
 * @throws StartError naming the line that is malformed
 */
export function loadOldKeys(dataDir: string): OldKey[] {
  const file = join(dataDir, 'old-signing-keys')
  if (!statSync(file, { throwIfNoEntry: false })) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return []
    const key = parseOldKey(line)
    if (!key) throw new StartError(`${file}: line ${index + 1} is not "ed25519 VERSION PUBLICKEY EXPIRED"`)
    return [key]
  })
}

function parseOldKey(line: string): OldKey | undefined {
  const [, version, encoded = '', expired] = /^ed25519\s+(\w+)\s+(\S+)\s+(\d{1,15})\s*$/.exec(line) ?? []
  const publicKey = decodeBase64(encoded)
  if (publicKey?.length !== 32) return undefined
  return { keyId: `ed25519:${version}`, publicKey, expiredAt: Number(expired) }
}
