import type { Crypto, SigningKey } from '@kith/spec/crypto'
import type { Config } from '../config.ts'
import type { Log } from '../log/log.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import type { Interning } from '../storage/interning.ts'
import type { EventStore } from './rooms/event-store.ts'
import type { Rooms } from './rooms/rooms.ts'
import type { StateStore } from './rooms/state-store.ts'

/** What one process of the server is made of; every domain function takes it first. */
export interface Homeserver {
  config: Config
  database: Database
  log: Log
  clock: Clock
  logger: Logger
  crypto: Crypto
  interning: Interning
  events: EventStore
  states: StateStore
  rooms: Rooms
  /** Whether this process speaks for a domain. */
  isLocal(domain: string): boolean
  /** The key with which events and requests of a local domain are signed. */
  signingKey(domain: string): SigningKey
}
