import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempDisposableSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { testAuthority } from './test-certificates.ts'
import { selfSignedCertificate } from './tls-certificate.ts'

const now = Date.UTC(2026, 0, 1)

test('a server keeps the certificate of its first start, with a key that nobody else can read', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'kith-tls-'))
  const options = { dataDir: folder.path, host: 'localhost', now }
  const first = selfSignedCertificate(options)
  const second = selfSignedCertificate(options)

  assert.deepEqual([first.isNew, second.isNew], [true, false])
  assert.equal(second.cert, first.cert)
  assert.equal(new X509Certificate(first.cert).checkHost('localhost'), 'localhost')
  assert.equal(statSync(join(folder.path, 'tls.key')).mode & 0o777, 0o600)
})

test('a certificate that has expired, names another host, or lost its key is made again', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'kith-tls-'))
  const options = { dataDir: folder.path, host: '127.0.1.1', now }
  selfSignedCertificate(options)

  const later = now + 11 * 365 * 24 * 3600 * 1000
  assert.equal(selfSignedCertificate({ ...options, now: later }).isNew, true)
  assert.equal(selfSignedCertificate({ ...options, now: later, host: '127.0.1.2' }).isNew, true)
  writeFileSync(join(folder.path, 'tls.key'), testAuthority().issue('127.0.1.2').key)
  assert.equal(selfSignedCertificate({ ...options, now: later, host: '127.0.1.2' }).isNew, true)
})
