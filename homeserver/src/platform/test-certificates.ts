import { type Certificate, issueCertificate } from './certificates.ts'

export interface TestAuthority {
  /** The authority's own certificate as PEM: what a client has to trust. */
  cert: string
  /** Issues a certificate for these DNS names and IP addresses, valid from yesterday for a month. */
  issue(...names: string[]): Certificate
}

/** Makes a certificate authority that exists for one test. */
export function testAuthority(): TestAuthority {
  const dayMs = 24 * 3600 * 1000
  const period = { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + 30 * dayMs) }
  const issuer = issueCertificate({ ...period, names: ['Kith test authority'], isAuthority: true })
  return { cert: issuer.cert, issue: (...names) => issueCertificate({ ...period, names, issuer }) }
}
