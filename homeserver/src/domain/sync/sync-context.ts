import type { Position } from '../../log/log.ts'
import type { Member } from '../../storage/members.ts'
import type { Reader } from '../events/client-event.ts'
import type { SyncFilter } from '../filters/sync-filter.ts'
import type { Homeserver } from '../homeserver.ts'
import type { EphemeralMark, SyncToken } from './tokens.ts'

/** What a client asks of one sync. */
export interface SyncRequest {
  since: SyncToken | undefined
  filter: SyncFilter
  fullState: boolean
  /** State up to the end of the timeline, instead of up to its start. */
  stateAfter: 'no' | 'stable' | 'unstable'
  timeoutMs: number
  signal: AbortSignal
}

/** One look at what is new: from the token of the request up to one position. */
export interface SyncContext {
  server: Homeserver
  reader: Reader & { deviceId: string }
  request: SyncRequest
  /** Exclusive; undefined in an initial sync. */
  since: Position | undefined
  ephemeralSince: EphemeralMark | undefined
  /** Inclusive. */
  until: Position
  ephemeralUntil: EphemeralMark
  /** The reader's memberships at `until`. */
  members: readonly Member[]
  /** Ids of the users whom the reader ignores. */
  ignored: ReadonlySet<string>
}
