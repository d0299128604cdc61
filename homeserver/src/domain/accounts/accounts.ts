import type { Log } from '../../log/log.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database.ts'
import type { Logger } from '../../platform/logger.ts'
import { createPasswords, type Passwords } from '../../platform/passwords.ts'
import { TokenBuckets } from '../../platform/token-buckets.ts'
import { sessionKind } from '../../storage/session-changes.ts'
import { SessionView } from './session-view.ts'
import { gatherSightings, type Sightings } from './sightings.ts'

/** What one process keeps in memory for accounts. */
export interface Accounts {
  sessions: SessionView
  passwords: Passwords
  /** Wrong passwords by account name. */
  passwordTries: TokenBuckets
  sightings: Sightings
  stop(): Promise<void>
}

interface Parts {
  database: Database
  log: Log
  clock: Clock
  logger: Logger
  /** Of standard cost unless given. */
  passwords?: Passwords
}

/** Ten tries at once, then one in ten seconds. */
const passwordTryAllowance = { perSecond: 0.1, burst: 10 }

/** Registers with the log the kind of change that ends sessions, and follows it. */
export function createAccounts({ database, log, clock, logger, passwords }: Parts): Accounts {
  const sessions = new SessionView()
  log.register(sessionKind)
  const unsubscribe = log.tail.subscribe((rows) => sessions.follow(rows))
  const sightings = gatherSightings({ database, logger })
  return {
    sessions,
    passwords: passwords ?? createPasswords(),
    passwordTries: new TokenBuckets(passwordTryAllowance, () => clock.now()),
    sightings,
    async stop() {
      unsubscribe()
      await sightings.stop()
    },
  }
}
