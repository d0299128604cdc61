import type { Clock } from '../../platform/clock.ts'
import { LruMap } from '../../platform/lru-map.ts'
import type { Endpoint, Route } from '../../platform/outgoing/connector.ts'
import type { Resolver, ServiceRecord } from '../../platform/outgoing/resolver.ts'
import { parseServerName, type ServerAddress } from './server-name.ts'
import type { WellKnown } from './well-known.ts'

export interface ServerRoute extends Route {
  /** The Host header, which is also the authority of the URL. */
  hostHeader: string
}

export interface Discovery {
  /** Finds where a server is. @throws MatrixError M_INVALID_PARAM for what is no server name */
  route(serverName: string): Promise<ServerRoute>
  /** Forgets what may be out of date, after the server was not where it should be. */
  doubt(serverName: string): void
}

export interface DiscoveryOptions {
  resolver: Resolver
  wellKnown: WellKnown
  clock: Clock
}

const defaultPort = 8448
/** The lookup does not tell how long a record is valid. */
const recordsValidMs = 5 * 60_000

type Lookup = (host: string) => Promise<Endpoint[]>

/**
 * Finds servers by their names.
 *
 * Source: server-server API, "Resolving server names". A step's number is that of the specification.
 */
export function createDiscovery({ resolver, wellKnown, clock }: DiscoveryOptions): Discovery {
  const services = rememberServices(resolver, clock)
  return {
    async route(serverName) {
      const address = parseServerName(serverName)
      // Steps 1 and 2: the name itself says where.
      if (address.isLiteral || address.port !== undefined) return direct(serverName, address)
      const delegate = await wellKnown.delegate(address.host)
      // Steps 4 to 6.
      if (delegate === undefined) return byServices(address.host, services)
      const delegated = parseServerName(delegate)
      // Steps 3.1 and 3.2, then 3.3 to 3.5.
      if (delegated.isLiteral || delegated.port !== undefined) return direct(delegate, delegated)
      return byServices(delegated.host, services)
    },
    doubt(serverName) {
      wellKnown.doubt(parseServerName(serverName).host)
    },
  }
}

function direct(hostHeader: string, { host, port = defaultPort }: ServerAddress): ServerRoute {
  return { endpoints: [{ host, port }], hostHeader, certificateName: host }
}

/** SRV records say where to connect; who must answer there is still the host asked for. */
async function byServices(host: string, services: Lookup): Promise<ServerRoute> {
  const found = await services(host)
  const endpoints = found.length > 0 ? found : [{ host, port: defaultPort }]
  return { endpoints, hostHeader: host, certificateName: host }
}

function rememberServices(resolver: Resolver, clock: Clock): Lookup {
  const known = new LruMap<string, { endpoints: Endpoint[]; expiresAt: number }>(10_000)
  return async (host) => {
    const cached = known.get(host)
    if (cached && cached.expiresAt > clock.now()) return cached.endpoints
    const endpoints = await findServices(resolver, host)
    known.set(host, { endpoints, expiresAt: clock.now() + recordsValidMs })
    return endpoints
  }
}

async function findServices(resolver: Resolver, host: string): Promise<Endpoint[]> {
  for (const service of ['_matrix-fed', '_matrix']) {
    // Where the lookup fails, the server may still be at its own name: the certificate decides.
    const records = await resolver.services(`${service}._tcp.${host}`).catch(() => [])
    if (records.length > 0) return inOrder(records)
  }
  return []
}

/** By priority, and at random by weight among equals (RFC 2782). */
function inOrder(records: ServiceRecord[]): Endpoint[] {
  return records
    .map((record) => ({ record, draw: -Math.log(1 - Math.random()) / Math.max(record.weight, 0.001) }))
    .sort((a, b) => a.record.priority - b.record.priority || a.draw - b.draw)
    .map(({ record: { host, port } }) => ({ host, port }))
}
