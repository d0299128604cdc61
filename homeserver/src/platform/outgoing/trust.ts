import { readFileSync } from 'node:fs'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

/**
 * The authorities that outgoing TLS trusts: those that come with Node, those of the operating system, and those
 * in a file of the administrator's. Made once and shared, since parsing them takes tens of milliseconds.
 *
 * @param caFile PEM, one or several certificates
 * @throws the error of reading or parsing that file
 */
export function trustedAuthorities(caFile: string | undefined): SecureContext {
  const extra = caFile === undefined ? [] : [readFileSync(caFile, 'utf8')]
  return createSecureContext({
    ca: [...getCACertificates('bundled'), ...getCACertificates('system'), ...extra],
    minVersion: 'TLSv1.2',
  })
}
