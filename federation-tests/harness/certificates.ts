import 'reflect-metadata'
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(crypto)

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const dayMs = 24 * 3600 * 1000

/** A certificate and its private key (PKCS #8), both as PEM. */
export interface Certificate {
  cert: string
  key: string
}

/** A certificate authority that exists for one test. */
export interface TestAuthority {
  /** The authority's own certificate as PEM: what a peer has to trust. */
  cert: string
  /** Issues a server certificate valid for these DNS names and IP addresses, and for nothing else. */
  issue(...names: string[]): Promise<Certificate>
}

/** Makes a P-256 authority. Two authorities never trust each other's certificates, even of one name. */
export async function createAuthority(name = 'Kith test authority'): Promise<TestAuthority> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...frame(),
    name: `CN=${name}`,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { cert: root.toString('pem'), issue: (...names) => issue({ root, keys }, names) }
}

async function issue(
  authority: { root: x509.X509Certificate; keys: { publicKey: CryptoKey; privateKey: CryptoKey } },
  names: string[],
): Promise<Certificate> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const { root } = authority
  const certificate = await x509.X509CertificateGenerator.create({
    ...frame(),
    subject: `CN=${names[0] ?? 'nobody'}`,
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map(alternativeName)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(root),
    ],
  })
  return { cert: certificate.toString('pem'), key: await privateKeyPem(keys.privateKey) }
}

/** What all certificates here share: valid from yesterday for a month, under a random serial number. */
function frame() {
  return {
    // The first byte keeps the number positive and of full length, as DER demands.
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + 30 * dayMs),
    signingAlgorithm: algorithm,
  }
}

function alternativeName(name: string): x509.JsonGeneralName {
  return { type: isIP(name) ? 'ip' : 'dns', value: name }
}

async function privateKeyPem(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

/** Writes `tls.crt`, `tls.key` and, of the authority, `ca.crt` into a directory; returns their paths. */
export async function writeCertificate(
  directory: string,
  authority: Pick<TestAuthority, 'cert'>,
  certificate: Certificate,
): Promise<{ cert: string; key: string; ca: string }> {
  const paths = {
    cert: join(directory, 'tls.crt'),
    key: join(directory, 'tls.key'),
    ca: join(directory, 'ca.crt'),
  }
  await mkdir(directory, { recursive: true })
  await writeFile(paths.cert, `${certificate.cert}\n`)
  await writeFile(paths.key, `${certificate.key}\n`, { mode: 0o600 })
  await writeFile(paths.ca, `${authority.cert}\n`)
  return paths
}
