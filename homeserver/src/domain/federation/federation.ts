import type { ServerKeys } from '@kith/spec/api/federation/keys-server'
import type { Crypto, SigningKey } from '@kith/spec/crypto'
import type { RoomEvent } from '@kith/spec/events/pdu'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database.ts'
import type { OutgoingClient } from '../../platform/outgoing/client.ts'
import type { Resolver } from '../../platform/outgoing/resolver.ts'
import { type AuthenticatedServer, authenticateServer, type IncomingRequest } from './authentication.ts'
import { type BackOff, createBackOff } from './back-off.ts'
import { createDiscovery } from './discovery.ts'
import { keyFetch } from './key-fetch.ts'
import { type KeyRing, keyRing } from './key-ring.ts'
import { keyStore } from './key-store.ts'
import { type Notary, notary } from './notary.ts'
import { ownKeys } from './own-keys.ts'
import { type FederationClient, federationClient } from './requests.ts'
import type { OldKey } from './signing-keys.ts'
import { type SignatureVerdict, verifyEvents } from './verify-events.ts'
import { readWellKnown } from './well-known.ts'

/** A domain for which this server speaks. */
export interface LocalDomain {
  name: string
  key: SigningKey
  oldKeys: readonly OldKey[]
}

export interface FederationOptions {
  database: Database
  clock: Clock
  crypto: Crypto
  outgoing: OutgoingClient
  resolver: Resolver
  /** The first is meant where a request does not say, and vouches for other servers' keys. */
  domains: readonly [LocalDomain, ...LocalDomain[]]
  /** Servers that are trusted to know the keys of servers that cannot be reached. */
  notaries: readonly string[]
  /** Sent with every request: `Kith/0.1.0`. */
  userAgent: string
  /** Where discovery files are served; 443 unless said. */
  wellKnownPort?: number
}

/** How this server proves itself to others, and they to it. */
export interface Federation {
  client: FederationClient
  /** Who could not be reached lately. Whoever hears of a server tells it. */
  backOff: BackOff
  ring: KeyRing
  notary: Notary
  /** The keys of a local domain, signed by itself; of the first where the name is none of ours. */
  publishedKeys(domain: string): ServerKeys
  /** @throws MatrixError M_UNAUTHORIZED */
  authenticate(request: IncomingRequest): Promise<AuthenticatedServer>
  verifyEvents(
    events: readonly RoomEvent[],
    options: { rules: RoomVersionRules; deadlineMs?: number },
  ): Promise<SignatureVerdict[]>
}

export function openFederation(options: FederationOptions): Federation {
  const { clock, crypto, outgoing, resolver, domains } = options
  const [first, ...others] = domains
  const ownOf = ({ name, ...own }: LocalDomain) => ownKeys({ serverName: name, clock, ...own })
  const firstKeys = ownOf(first)
  const keys = new Map([[first.name, firstKeys]])
  for (const domain of others) keys.set(domain.name, ownOf(domain))
  const ownKeysOf = (domain: string) => keys.get(domain)
  const backOff = createBackOff(clock)
  const wellKnown = readWellKnown({ client: outgoing, clock, port: options.wellKnownPort })
  const client = federationClient({
    client: outgoing,
    discovery: createDiscovery({ resolver, wellKnown, clock }),
    backOff,
    signingKey: (domain) => signingKeyOf(domains, domain),
    userAgent: options.userAgent,
  })
  const store = keyStore(options)
  const fetch = keyFetch({ client, store, clock })
  const ring = keyRing({ store, fetch, clock, crypto, ownKeys: ownKeysOf, notaries: options.notaries })
  const { name: serverName, key } = first
  const isLocal = (domain: string) => keys.has(domain)
  return {
    client,
    backOff,
    ring,
    notary: notary({ store, fetch, clock, ownKeys: ownKeysOf, serverName, key }),
    publishedKeys: (domain) => (keys.get(domain) ?? firstKeys).published(),
    authenticate: (request) => authenticateServer({ ring, crypto, clock, isLocal, serverName }, request),
    verifyEvents: (events, rules) => verifyEvents({ ring, crypto }, events, rules),
  }
}

function signingKeyOf(domains: readonly LocalDomain[], domain: string): SigningKey {
  const found = domains.find(({ name }) => name === domain)
  if (!found) throw new Error(`${domain} is not a domain of this server`)
  return found.key
}
