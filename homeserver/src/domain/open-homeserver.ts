/** Puts one process of the server together from its adapters. */
import type { Config } from '../config.ts'
import { Followers } from '../log/followers.ts'
import type { Log } from '../log/log.ts'
import { openLog } from '../log/open-log.ts'
import { type Bus, memoryBus } from '../platform/bus.ts'
import type { Clock } from '../platform/clock.ts'
import { nodeCrypto } from '../platform/crypto.ts'
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import { numberBlocks } from '../platform/number-blocks.ts'
import { type OutgoingClient, outgoingClient } from '../platform/outgoing/client.ts'
import { type Resolver, systemResolver } from '../platform/outgoing/resolver.ts'
import type { Passwords } from '../platform/passwords.ts'
import { createTurns } from '../platform/turns.ts'
import { kithVersion } from '../platform/version.ts'
import { accountDataKind } from '../storage/account-data.ts'
import { eventKind, redactionKind, roomStateKind } from '../storage/event-inserts.ts'
import { forgetKind } from '../storage/forgotten.ts'
import { createInterning } from '../storage/interning.ts'
import { invitationKind } from '../storage/invitations.ts'
import { profileKind } from '../storage/profiles.ts'
import { receiptsKind } from '../storage/receipts.ts'
import { createAccounts } from './accounts/accounts.ts'
import { fillGap } from './federation/backfill/fill-gap.ts'
import { Egress } from './federation/egress/egress.ts'
import { followLog } from './federation/egress/follow-log.ts'
import { type Federation, type LocalDomain, openFederation } from './federation/federation.ts'
import { remoteRooms } from './federation/remote-memberships.ts'
import type { Homeserver } from './homeserver.ts'
import { EventStore } from './rooms/event-store.ts'
import { followSweeps } from './rooms/follow-sweeps.ts'
import { MembersView } from './rooms/members-view.ts'
import { Rooms } from './rooms/rooms.ts'
import { StateStore } from './rooms/state-store.ts'
import { createViews } from './sync/views.ts'

export interface HomeserverParts {
  config: Config
  database: Database
  clock: Clock
  logger: Logger
  /** The domains this process speaks for, with their keys. */
  domains: readonly [LocalDomain, ...LocalDomain[]]
  /** How processes of one server hear of each other; memory unless given. */
  bus?: Bus
  outgoing?: OutgoingClient
  resolver?: Resolver
  passwords?: Passwords
}

export interface OpenHomeserver {
  server: Homeserver
  /** Ends what runs, writes what is gathered, and lets go of the log; the database stays open. */
  stop(): Promise<void>
}

/** Kinds whose owners don't register them by themselves. */
const kinds = [
  eventKind,
  roomStateKind,
  redactionKind,
  forgetKind,
  invitationKind,
  accountDataKind,
  profileKind,
  receiptsKind,
]

export async function openHomeserver(parts: HomeserverParts): Promise<OpenHomeserver> {
  const { database, logger } = parts
  const report = (what: string, error: unknown) => logger.warn({ err: error }, what)
  const log = await openLog({ database, bus: parts.bus ?? memoryBus(), report })
  for (const kind of kinds) log.register(kind)
  const resolver = parts.resolver ?? systemResolver()
  const { allowPrivateAddresses, tlsCa: caFile } = parts.config
  const outgoing = parts.outgoing ?? outgoingClient({ resolver, allowPrivateAddresses, caFile })
  const server = assemble(parts, { log, outgoing, resolver })
  const followers = new Followers({ database, tail: log.tail, report })
  const egress = new Egress(server)
  server.federation = hearing(server.federation, egress)
  await followLog(egress, followers)
  await followSweeps(server, followers)
  return {
    server,
    async stop() {
      await followers.stop()
      egress.stop()
      server.views.stop()
      await server.accounts.stop()
      await log.stop()
      await outgoing.close()
    },
  }
}

function assemble(
  parts: HomeserverParts,
  { log, outgoing, resolver }: { log: Log; outgoing: OutgoingClient; resolver: Resolver },
): Homeserver {
  const { config, database, clock, logger, domains, passwords } = parts
  const isLocal = (domain: string) => domains.some(({ name }) => name === domain)
  const crypto = nodeCrypto
  const interning = createInterning()
  const accounts = createAccounts({ database, log, clock, logger, passwords })
  const events = new EventStore(database, log)
  const members = new MembersView({ database, log, interning, isLocal })
  const federation = { database, clock, crypto, outgoing, resolver, domains, notaries: [], userAgent }
  const server: Homeserver = {
    config,
    database,
    log,
    clock,
    logger,
    crypto,
    interning,
    accounts,
    events,
    states: new StateStore(database),
    rooms: new Rooms({ database, log, events, members }),
    eventNumbers: numberBlocks(database, 'event_numbers'),
    views: createViews({ database, log, interning, members }),
    federation: openFederation(federation),
    sending: new Map(),
    joining: new Map(),
    receiving: createTurns(),
    backfill: (room, gap) => fillGap(server, room, gap),
    remote: remoteRooms(() => server),
    isLocal,
    signingKey: (domain) => keyOf(domains, domain),
  }
  return server
}

/** A server that makes a request is up: what it is owed need not wait any longer. */
function hearing(federation: Federation, egress: Egress): Federation {
  return {
    ...federation,
    async authenticate(request) {
      const authenticated = await federation.authenticate(request)
      federation.backOff.succeeded(authenticated.origin)
      egress.heard(authenticated.origin)
      return authenticated
    },
  }
}

const userAgent = `Kith/${kithVersion}`

function keyOf(domains: readonly LocalDomain[], domain: string): LocalDomain['key'] {
  const found = domains.find(({ name }) => name === domain)
  if (!found) throw new Error(`${domain} is not a domain of this server`)
  return found.key
}
