import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { issueCertificate } from '@kith/homeserver/platform/certificates'

/** What both servers show, and whom they trust: files in PEM. */
export interface Trust {
  ca: string
  cert: string
  key: string
}

const dayMs = 24 * 3600 * 1000
const validDays = 3650
/** Made again when it ends sooner than this. */
const reserveDays = 30

/**
 * The certificate of both servers, and the authority behind it that they trust: made at the first run and kept. The
 * authority's key is forgotten, so that nobody can ever be vouched for by it again.
 */
export function demoTrust(folder: string): Trust {
  const trust = { ca: join(folder, 'ca.crt'), cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') }
  // The certificate is written last: with it, all three are there.
  if (existsSync(trust.cert) && isLasting(readFileSync(trust.cert, 'utf8'))) return trust
  mkdirSync(folder, { recursive: true })
  const notBefore = new Date(Date.now() - dayMs)
  const notAfter = new Date(Date.now() + validDays * dayMs)
  const times = { notBefore, notAfter }
  const authority = issueCertificate({ names: ['Kith demo'], isAuthority: true, ...times })
  const own = issueCertificate({ names: ['localhost', '127.0.0.1'], issuer: authority, ...times })
  writeFileSync(trust.ca, authority.cert)
  writeFileSync(trust.key, own.key, { mode: 0o600 })
  writeFileSync(trust.cert, own.cert)
  return trust
}

function isLasting(pem: string): boolean {
  try {
    return new X509Certificate(pem).validToDate.getTime() > Date.now() + reserveDays * dayMs
  } catch {
    return false
  }
}
