import type { Crypto, SigningKey } from '@kith/spec/crypto'
import type { Config } from '../config.ts'
import type { Log } from '../log/log.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import type { NumberBlocks } from '../platform/number-blocks.ts'
import type { Turns } from '../platform/turns.ts'
import type { Gap } from '../storage/events.ts'
import type { Interning, RoomNumber } from '../storage/interning.ts'
import type { Accounts } from './accounts/accounts.ts'
import type { Federation } from './federation/federation.ts'
import type { RemoteRooms } from './federation/remote-rooms.ts'
import type { EventStore } from './rooms/event-store.ts'
import type { Rooms } from './rooms/rooms.ts'
import type { StateStore } from './rooms/state-store.ts'
import type { Views } from './sync/views.ts'

/** What became of a gap. `nothing`: nobody has what is missing. `later`: nobody could be asked, or no answer be judged. */
export type Filling = 'filled' | 'nothing' | 'later'

/** What one process of the server is made of; every domain function takes it first. */
export interface Homeserver {
  config: Config
  database: Database
  log: Log
  clock: Clock
  logger: Logger
  crypto: Crypto
  interning: Interning
  accounts: Accounts
  events: EventStore
  states: StateStore
  rooms: Rooms
  eventNumbers: NumberBlocks
  /** What is kept in memory for those who sync: `createViews` after `rooms`, `views.stop()` before the log stops. */
  views: Views
  /** Sends under way by transaction key: a retry waits for the first instead of racing it. */
  sending: Map<string, Promise<string>>
  /** The last join under way by room id, where a room has to be fetched. */
  joining: Map<string, Promise<unknown>>
  federation: Federation
  /** What other servers send, in turn per room and per transaction. */
  receiving: Turns
  remote: RemoteRooms
  /** Asks other servers for what is missing behind a gap; whether anything came. Absent where there is no federation. */
  backfill?(room: RoomNumber, gap: Gap): Promise<Filling>
  /** Whether this process speaks for a domain. */
  isLocal(domain: string): boolean
  /** The key with which events and requests of a local domain are signed. */
  signingKey(domain: string): SigningKey
}
