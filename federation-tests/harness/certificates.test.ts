import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, isIP } from 'node:net'
import { test } from 'node:test'
import tls from 'node:tls'
import { type Certificate, createAuthority } from './certificates.ts'

test('a certificate is accepted for its own DNS names and addresses, and for no other', async () => {
  const authority = await createAuthority()
  const certificate = await authority.issue('localhost', 'alpha.test', '127.0.1.1')

  await shakeHands({ certificate, name: 'localhost', trust: authority.cert })
  await shakeHands({ certificate, name: 'alpha.test', trust: authority.cert })
  await shakeHands({ certificate, name: '127.0.1.1', trust: authority.cert })
  await assert.rejects(shakeHands({ certificate, name: 'beta.test', trust: authority.cert }), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  })
  await assert.rejects(shakeHands({ certificate, name: '127.0.1.2', trust: authority.cert }), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  })
})

test('an authority of the same name does not vouch for a certificate of another', async () => {
  const authority = await createAuthority()
  const stranger = await createAuthority()
  const certificate = await stranger.issue('localhost')

  await assert.rejects(
    shakeHands({ certificate, name: 'localhost', trust: authority.cert }),
    (error: Error) =>
      /SIGNATURE|UNABLE_TO_GET_ISSUER|UNABLE_TO_VERIFY/.test((error as NodeJS.ErrnoException).code ?? ''),
  )
})

async function shakeHands(scene: { certificate: Certificate; name: string; trust: string }): Promise<void> {
  const server = tls.createServer(scene.certificate, (socket) => socket.on('error', () => {}))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const servername = isIP(scene.name) ? '' : scene.name
  const check = (_: string, cert: tls.PeerCertificate) => tls.checkServerIdentity(scene.name, cert)
  const socket = tls.connect({
    port,
    host: '127.0.0.1',
    servername,
    ca: scene.trust,
    checkServerIdentity: check,
  })
  try {
    await once(socket, 'secureConnect')
  } finally {
    socket.destroy()
    server.close()
  }
}
