import type { Crypto } from '../../crypto.ts'
import type { RoomEvent } from '../../events/pdu.ts'
import type { RoomVersionRules } from '../room-version.ts'
import { type StateKey, stateKeyOf } from '../state-key.ts'

interface Surroundings {
  rules: RoomVersionRules
  crypto: Crypto
  /** Preloaded events: conflicted, their auth chains, shared auth state. */
  event(id: string): RoomEvent | undefined
  /** Rejected events do not authorize others. Without it, none is. */
  isRejected?(id: string): boolean
}

/** A resolution as a server has it at hand that holds its events in memory. */
export interface Conflict extends Surroundings {
  /** Per fork, its entries under the keys on which the forks differ, undefined where it has none; keys in one order. */
  forks: readonly (readonly (RoomEvent | undefined)[])[]
  /** The ID of the entry that all forks share under a key outside the conflict. */
  shared(type: string, stateKey: string): string | undefined
}

/** A resolution by IDs. */
export interface Resolution extends Surroundings {
  /** Per fork: the entries under the keys on which the forks differ (absent where the fork has none). */
  forks: readonly ReadonlyMap<StateKey, string>[]
  /** The entry all forks share under a key outside the conflict. */
  shared(key: StateKey): string | undefined
  /**
   * Whether an event is in the auth chain of any entry that all forks share; asked about the few events for which that
   * matters (see `Begun`). Without it, none is.
   */
  inSharedChain?(id: string): boolean
}

/** An event, and the oldest that it rests on of those that some forks have in their auth chains and others not. */
export interface Undecided {
  event: RoomEvent
  /** In the event's auth chain, or the event itself. */
  restsOn: RoomEvent
}

/** A resolution that may want to know one thing more. */
export interface Begun {
  /**
   * Events whose part in the auth difference depends on whether they are in the auth chain of an entry that all forks
   * share: those that are in the chain of one fork's conflicted entries, not of another's, and not behind a shared
   * entry there.
   */
  undecided: Undecided[]
  /**
   * The entries under the keys on which the forks differ, and under others if an event of the auth difference turns out
   * to be allowed there.
   *
   * @param common the IDs among `undecided` that are in such a chain
   */
  finish(common: ReadonlySet<string>): RoomEvent[]
}

/** What must be known before the states can be resolved. Load auth chains whole: each call finds one level of them. */
export class MissingEvents extends Error {
  override name = 'MissingEvents'
  readonly ids: string[]
  constructor(ids: Iterable<string>) {
    super('State resolution needs more events')
    this.ids = [...ids]
  }
}

export function keyOfEvent({ pdu }: RoomEvent): StateKey {
  return stateKeyOf(pdu.type, pdu.state_key ?? '')
}
