import type { IncomingMessage } from 'node:http'
import ipaddr from 'ipaddr.js'

/** Where a request comes from, as far as we believe what is said about it. */
export interface Origin {
  address: string
  host: string
  isSecure: boolean
}

/** Tells the origin of requests. @param trustedProxies networks, as `10.0.0.0/8` */
export function originTeller(trustedProxies: readonly string[]): (request: IncomingMessage) => Origin {
  const networks = trustedProxies.map((network) => ipaddr.parseCIDR(network))
  const isTrusted = (address: string) => {
    if (networks.length === 0 || !ipaddr.isValid(address)) return false
    const parsed = ipaddr.process(address)
    return networks.some((network) => parsed.kind() === network[0].kind() && parsed.match(network))
  }
  return (request) => {
    const { headers, socket } = request
    const direct = plainAddress(socket.remoteAddress ?? '')
    const host = headers.host ?? ''
    const isTls = 'encrypted' in socket
    if (!isTrusted(direct)) return { address: direct, host, isSecure: isTls }
    return {
      address: firstUntrusted(direct, headers['x-forwarded-for'], isTrusted),
      host: lastOf(headers['x-forwarded-host']) ?? host,
      isSecure: (lastOf(headers['x-forwarded-proto']) ?? (isTls ? 'https' : 'http')) === 'https',
    }
  }
}

/** IPv4 seen through an IPv6 socket is the same client as over an IPv4 socket. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}

/**
 * Walks the chain from our side. Each trusted proxy vouches only for the entry that it added: whatever stands
 * left of the first untrusted address may have been made up by the client.
 */
function firstUntrusted(
  direct: string,
  header: string | string[] | undefined,
  isTrusted: (address: string) => boolean,
): string {
  const chain = String(header ?? '').split(',')
  let address = direct
  for (const entry of chain.reverse()) {
    const next = entry.trim()
    if (!ipaddr.isValid(next)) return address
    address = plainAddress(next)
    if (!isTrusted(address)) return address
  }
  return address
}

function lastOf(header: string | string[] | undefined): string | undefined {
  const text = header === undefined ? '' : String(header)
  return text.split(',').pop()?.trim() || undefined
}
