import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { type Certificate, issueCertificate } from './certificates.ts'

const yearMs = 365 * 24 * 3600 * 1000

export interface OwnCertificate extends Certificate {
  /** Where the certificate lies: what a peer that is to trust it has to be given. */
  file: string
  /** Whether this call made it. */
  isNew: boolean
}

/**
 * The self-signed certificate of a server that was given none: `tls.crt` and `tls.key` in the data directory, made
 * at the first start, and again when it has expired or the name has changed.
 *
 * @param host DNS name or IP address without brackets
 */
export function selfSignedCertificate(options: {
  dataDir: string
  host: string
  now: number
}): OwnCertificate {
  const { dataDir, host, now } = options
  const file = join(dataDir, 'tls.crt')
  const keyFile = join(dataDir, 'tls.key')
  const existing = readCertificate(file, keyFile)
  if (existing && isUsable(existing, host, now)) return { ...existing, file, isNew: false }
  const notBefore = new Date(now - 24 * 3600 * 1000)
  const made = issueCertificate({ names: [host], notBefore, notAfter: new Date(now + 10 * yearMs) })
  replaceFile(keyFile, made.key, 0o600)
  replaceFile(file, made.cert, 0o644)
  return { ...made, file, isNew: true }
}

function readCertificate(file: string, keyFile: string): Certificate | undefined {
  try {
    return { cert: readFileSync(file, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function isUsable({ cert, key }: Certificate, host: string, now: number): boolean {
  try {
    const certificate = new X509Certificate(cert)
    const isNamed = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)
    // After a crash between the two files they may not fit together.
    const isWhole = certificate.checkPrivateKey(createPrivateKey(key))
    return Boolean(isNamed) && isWhole && certificate.validToDate.getTime() > now
  } catch {
    return false
  }
}

function replaceFile(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.new`, text, { mode })
  renameSync(`${file}.new`, file)
}
