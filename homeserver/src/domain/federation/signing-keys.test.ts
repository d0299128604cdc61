import assert from 'node:assert/strict'
import { chmodSync, mkdtempDisposableSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { decodeBase64, encodeBase64 } from '@kith/spec/base64'
import { verifyJson } from '@kith/spec/signing'
import { nodeCrypto, signingKeyFromSeed } from '../../platform/crypto.ts'
import { ownKeys } from './own-keys.ts'
import { loadOldKeys, loadSigningKey } from './signing-keys.ts'

const dataFolder = () => mkdtempDisposableSync(join(tmpdir(), 'kith-keys-'))

test('the signing key is made at the first start, readable by its owner alone, and kept', () => {
  using folder = dataFolder()
  const dataDir = join(folder.path, 'data')
  const first = loadSigningKey({ dataDir, databaseIsNew: true })
  const second = loadSigningKey({ dataDir, databaseIsNew: false })

  assert.deepEqual([second.keyId, second.publicKey], [first.keyId, first.publicKey])
  const file = join(dataDir, 'signing.key')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.match(readFileSync(file, 'utf8'), /^ed25519 a_[0-9a-f]{6} [A-Za-z0-9+/]{43}\n$/)
})

test('O1: a server whose database was in use does not start without its signing key', () => {
  using folder = dataFolder()
  const load = () => loadSigningKey({ dataDir: folder.path, databaseIsNew: false })
  assert.throws(load, { name: 'StartError', message: /signing\.key: is missing/ })
})

test('O1: a signing key that everyone can read, is malformed or known to be insecure stops the start', () => {
  using folder = dataFolder()
  const file = join(folder.path, 'signing.key')
  const load = () => loadSigningKey({ dataDir: folder.path, databaseIsNew: false })
  const seed = 'YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1'

  writeFileSync(file, `ed25519 1 ${encodeBase64(new Uint8Array(32).fill(9))}\n`, { mode: 0o600 })
  chmodSync(file, 0o644)
  assert.throws(load, { name: 'StartError', message: /readable by everyone/ })
  chmodSync(file, 0o600)
  assert.equal(load().keyId, 'ed25519:1')
  for (const text of ['', 'ed25519 1', 'rsa 1 AAAA', 'ed25519 a:b AAAA', `ed25519 1 ${seed.slice(1)}`]) {
    writeFileSync(file, text)
    assert.throws(load, { name: 'StartError', message: /is not a line/ }, text)
  }
  writeFileSync(file, `ed25519 1 ${seed}\n`)
  assert.throws(
    load,
    (error: Error) => /public knowledge/.test(error.message) && !error.message.includes(seed),
  )
})

test('old keys are read from their file, and a malformed line is named', () => {
  using folder = dataFolder()
  assert.deepEqual(loadOldKeys(folder.path), [])
  const publicKey = new Uint8Array(32).fill(7)
  const file = join(folder.path, 'old-signing-keys')
  writeFileSync(file, `# until May\n\ned25519 a_1 ${encodeBase64(publicKey)} 1700000000000\n`)
  const old = { keyId: 'ed25519:a_1', publicKey, expiredAt: 1_700_000_000_000 }
  assert.deepEqual(loadOldKeys(folder.path), [old])
  writeFileSync(file, 'ed25519 a_1 AAAA 1\n')
  assert.throws(() => loadOldKeys(folder.path), { name: 'StartError', message: /line 1/ })
})

test('the published keys are signed, name the old ones, and never expire within 12 hours', () => {
  const time = { now: 1_000_000 }
  const key = signingKeyFromSeed('ed25519:new', new Uint8Array(32).fill(1))
  const oldKeys = [{ keyId: 'ed25519:old', publicKey: new Uint8Array(32).fill(7), expiredAt: 5 }]
  const clock = { now: () => time.now }
  const own = ownKeys({ serverName: 'kith.example', key, oldKeys, clock })
  const hours = 3600 * 1000

  const first = own.published()
  assert.ok(verifyJson(first, 'kith.example', key, nodeCrypto))
  assert.deepEqual(decodeBase64(first.verify_keys['ed25519:new']?.key ?? ''), key.publicKey)
  assert.equal(first.old_verify_keys?.['ed25519:old']?.expired_ts, 5)
  assert.equal(first.valid_until_ts, time.now + 24 * hours)
  time.now += 12 * hours
  assert.equal(own.published(), first)
  time.now += 1
  assert.equal(own.published().valid_until_ts, time.now + 24 * hours)
  assert.equal(own.find('ed25519:old', 5)?.keyId, 'ed25519:old')
  assert.equal(own.find('ed25519:old', 6), undefined)
})
