import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import test from 'node:test'
import { issueCertificate } from './certificates.ts'
import { testAuthority } from './test-certificates.ts'

test('a certificate is valid for its names and addresses and for no others', () => {
  const authority = testAuthority()
  const issued = authority.issue('kith.example', '127.0.1.1', '2001:db8::1')
  const certificate = new X509Certificate(issued.cert)
  const root = new X509Certificate(authority.cert)

  assert.equal(certificate.checkHost('kith.example'), 'kith.example')
  assert.equal(certificate.checkHost('other.example'), undefined)
  assert.equal(certificate.checkIP('127.0.1.1'), '127.0.1.1')
  assert.equal(certificate.checkIP('127.0.1.2'), undefined)
  assert.equal(certificate.checkIP('2001:db8::1'), '2001:db8::1')
  assert.ok(certificate.checkPrivateKey(createPrivateKey(issued.key)))
  assert.ok(certificate.checkIssued(root) && certificate.verify(root.publicKey))
  assert.deepEqual([root.ca, certificate.ca], [true, false])
})

test('dates past 2049 and long lists of names are encoded too', () => {
  const names = Array.from({ length: 300 }, (_, index) => `server${index}.example`)
  const notAfter = new Date('2061-02-03T04:05:06Z')
  const { cert } = issueCertificate({ names, notBefore: new Date('2026-01-02T03:04:05Z'), notAfter })
  const certificate = new X509Certificate(cert)

  assert.equal(certificate.validFromDate.toISOString(), '2026-01-02T03:04:05.000Z')
  assert.equal(certificate.validToDate.getTime(), notAfter.getTime())
  assert.equal(certificate.checkHost('server299.example'), 'server299.example')
  assert.ok(certificate.verify(certificate.publicKey))
})
