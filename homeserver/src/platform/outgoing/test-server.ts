import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { Certificate } from '../certificates.ts'
import type { Resolver } from './resolver.ts'

export interface TestServer extends AsyncDisposable {
  port: number
  /** Connections taken since the start. */
  connections(): number
}

/** Serves over TLS on a loopback address, on a free port unless one is given. */
export async function testServer(options: {
  certificate: Certificate
  address: string
  port?: number
  handler: RequestListener
}): Promise<TestServer> {
  const server = createServer(options.certificate, options.handler)
  let connections = 0
  server.on('secureConnection', () => {
    connections += 1
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, options.address, resolve)
  })
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const { port } = server.address() as AddressInfo
  return { port, connections: () => connections, [Symbol.asyncDispose]: close }
}

/** Trusts one authority and nothing else. */
export function trustOnly(cert: string): SecureContext {
  return createSecureContext({ ca: cert })
}

/** Knows only these names. Addresses stand for themselves. */
export function testResolver(
  names: Record<string, string[]>,
  services: Record<string, string[]> = {},
): Resolver {
  return {
    async addresses(host) {
      const found = names[host]
      if (!found) throw Object.assign(new Error(`no such name: ${host}`), { code: 'ENOTFOUND' })
      return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    },
    async services(name) {
      return (services[name] ?? []).map((target, priority) => {
        const [host = '', port] = target.split(':')
        return { host, port: Number(port), priority, weight: 0 }
      })
    },
  }
}
