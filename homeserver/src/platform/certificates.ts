import { createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import * as der from './der.ts'

/** A certificate and its private key, both as PEM. */
export interface Certificate {
  cert: string
  key: string
}

export interface CertificateRequest {
  /** DNS names and IP addresses for which it is valid. The first is its subject too. */
  names: readonly string[]
  notBefore: Date
  notAfter: Date
  /** Who vouches for it; itself unless said. */
  issuer?: Certificate
  /** Whether it may issue others. */
  isAuthority?: boolean
}

/** Issues a certificate over a new P-256 key. Source: RFC 5280. */
export function issueCertificate(request: CertificateRequest): Certificate {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' })
  const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const issuer = request.issuer
  const subject = name(request.names[0] ?? '')
  const toBeSigned = der.sequence(
    der.context(0, der.integer(Buffer.of(2)), true),
    // 0x01 in front keeps the number positive and of full length.
    der.integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    ecdsaWithSha256,
    issuer ? subjectOf(issuer) : subject,
    der.sequence(der.time(request.notBefore), der.time(request.notAfter)),
    subject,
    publicKey,
    der.context(3, der.sequence(...extensions(request)), true),
  )
  const signature = sign('sha256', toBeSigned, issuer ? createPrivateKey(issuer.key) : keys.privateKey)
  const certificate = der.sequence(toBeSigned, ecdsaWithSha256, der.bits(signature))
  return { cert: pem(certificate), key }
}

const ecdsaWithSha256 = der.sequence(der.objectId('1.2.840.10045.4.3.2'))
const commonName = der.objectId('2.5.4.3')

function extensions({ names, isAuthority }: CertificateRequest): der.Der[] {
  const constraints = isAuthority ? der.sequence(der.boolean(true)) : der.sequence()
  // The bits of keyCertSign and digitalSignature.
  const usage = isAuthority ? der.bits(Buffer.of(0x04), 2) : der.bits(Buffer.of(0x80), 7)
  const always = [
    extension('2.5.29.19', { critical: true, value: constraints }),
    extension('2.5.29.15', { critical: true, value: usage }),
  ]
  if (isAuthority) return always
  const serverAuth = der.sequence(der.objectId('1.3.6.1.5.5.7.3.1'))
  const alternatives = der.sequence(...names.map(alternativeName))
  return [
    ...always,
    extension('2.5.29.37', { critical: false, value: serverAuth }),
    extension('2.5.29.17', { critical: false, value: alternatives }),
  ]
}

function extension(id: string, { critical, value }: { critical: boolean; value: der.Der }): der.Der {
  const flag = critical ? [der.boolean(true)] : []
  return der.sequence(der.objectId(id), ...flag, der.octets(value))
}

function alternativeName(text: string): der.Der {
  if (isIP(text)) return der.context(7, Buffer.from(ipaddr.parse(text).toByteArray()), false)
  return der.context(2, Buffer.from(text, 'ascii'), false)
}

function name(text: string): der.Der {
  return der.sequence(der.set(der.sequence(commonName, der.utf8(text))))
}

/** Of a certificate issued here, whose subject is a common name alone. */
function subjectOf(issuer: Certificate): der.Der {
  return name(new X509Certificate(issuer.cert).subject.replace(/^CN=/, ''))
}

function pem(certificate: der.Der): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
