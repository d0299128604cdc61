import { isIP, type LookupFunction } from 'node:net'
import type { SecureContext } from 'node:tls'
import { buildConnector } from 'undici'
import { OutgoingError } from './outgoing-error.ts'
import type { Resolver } from './resolver.ts'

/** Where to connect for a request, when that is not the host of its URL. */
export interface Route {
  /** Tried in this order until one connects. */
  endpoints: readonly Endpoint[]
  /** The DNS name or IP address for which the peer must show a certificate. */
  certificateName: string
}

export interface Endpoint {
  /** A DNS name, or an IP address without brackets. */
  host: string
  port: number
}

export interface ConnectorOptions {
  resolver: Resolver
  authorities: SecureContext
  /** `isPublicAddress`, unless the administrator allows private addresses too. */
  mayReach: (address: string) => boolean
  /** For name lookup, TCP and TLS together, per endpoint. */
  connectTimeoutMs: number
}

export type Connect = buildConnector.connector

/**
 * Makes the function by which all outgoing sockets are opened. It looks at the very addresses that are then
 * connected to, so a name that resolves differently a moment later gains nothing.
 */
export function guardedConnector(options: ConnectorOptions): (route?: Route) => Connect {
  const connect = buildConnector({
    lookup: guardedLookup(options),
    secureContext: options.authorities,
    timeout: options.connectTimeoutMs,
    allowH2: false,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: 2000,
  })
  const guarded: Connect = (target, callback) => {
    const isRefused = isIP(target.hostname) !== 0 && !options.mayReach(target.hostname)
    if (isRefused) callback(refusal(target.hostname), null)
    else connect(target, callback)
  }
  return (route) => (route ? along(route, guarded) : guarded)
}

function guardedLookup(options: ConnectorOptions): LookupFunction {
  return (host, { all }, callback) => {
    const found = options.resolver.addresses(host).then((addresses) => {
      const allowed = addresses.filter(({ address }) => options.mayReach(address))
      if (allowed.length === 0) throw refusal(host)
      return allowed
    })
    found.then(
      (addresses) => {
        if (all) callback(null, addresses)
        else callback(null, addresses[0]?.address ?? '', addresses[0]?.family)
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    )
  }
}

function refusal(host: string): OutgoingError {
  return new OutgoingError('refused', `${host} has no address that may be reached`)
}

/** Connects to the first endpoint that answers and proves the name. */
function along(route: Route, connect: Connect): Connect {
  // SNI carries no IP addresses (RFC 6066); the certificate is then checked against the address connected to.
  const servername = isIP(route.certificateName) ? undefined : route.certificateName
  return (target, callback) => {
    const tryFrom = (index: number, lastError: Error) => {
      const endpoint = route.endpoints[index]
      if (!endpoint) return callback(lastError, null)
      const { host: hostname, port } = endpoint
      connect({ ...target, hostname, host: hostname, port: String(port), servername }, (error, socket) => {
        if (error) tryFrom(index + 1, error)
        else callback(null, socket)
      })
    }
    tryFrom(0, new OutgoingError('unreachable', `${route.certificateName} has no endpoints`))
  }
}
