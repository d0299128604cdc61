import type { Crypto } from '../../crypto.ts'
import type { RoomEvent } from '../../events/pdu.ts'
import { authEventIds } from '../../events/references.ts'
import type { RoomVersionRules } from '../room-version.ts'
import { type StateKey, stateKeyOf } from '../state-key.ts'

export interface Resolution {
  rules: RoomVersionRules
  crypto: Crypto
  /** Per fork: the entries under the keys on which the forks differ (absent where the fork has none). */
  forks: readonly ReadonlyMap<StateKey, string>[]
  /** The entry all forks share under a key outside the conflict. */
  shared(key: StateKey): string | undefined
  /** Preloaded events: conflicted, their auth chains, shared auth state. */
  event(id: string): RoomEvent | undefined
  /** Rejected events do not authorize others. Without it, none is. */
  isRejected?(id: string): boolean
  /**
   * Whether an event is in the auth chain of any entry that all forks share; undefined if that is not known yet.
   *
   * The auth difference depends on it, and only for the few events that are in the chain of one fork's conflicted
   * entries, not of another's, and not behind a shared entry there. Without it, none is.
   */
  inSharedChain?(id: string): boolean | undefined
}

/** What must be known before the states can be resolved. Load auth chains whole: each call finds one level of them. */
export class MissingEvents extends Error {
  override name = 'MissingEvents'
  readonly ids: string[]
  /** Events for which `inSharedChain` must have an answer. */
  readonly undecided: string[]
  constructor(ids: Iterable<string>, undecided: Iterable<string> = []) {
    super('State resolution needs more events')
    this.ids = [...ids]
    this.undecided = [...undecided]
  }
}

/** The events of a resolution, with a note of those that were asked for in vain. */
export interface EventSource {
  get(id: string): RoomEvent | undefined
  /** The auth events of an event; none where it isn't there. */
  authEventIds(id: string): readonly string[]
  /** Throws MissingEvents if any `get` since the start was in vain. */
  check(): void
}

export function eventSource(resolution: Pick<Resolution, 'event'>): EventSource {
  const missing = new Set<string>()
  const get = (id: string) => {
    const event = resolution.event(id)
    if (!event) missing.add(id)
    return event
  }
  return {
    get,
    authEventIds(id) {
      const event = get(id)
      return event ? authEventIds(event.pdu) : []
    },
    check() {
      if (missing.size > 0) throw new MissingEvents(missing)
    },
  }
}

export function keyOfEvent({ pdu }: RoomEvent): StateKey {
  return stateKeyOf(pdu.type, pdu.state_key ?? '')
}

/** The event among an event's `auth_events` that has this key. */
export function authEventAt(
  event: RoomEvent,
  [type, stateKey]: readonly [string, string],
  source: EventSource,
): RoomEvent | undefined {
  for (const id of authEventIds(event.pdu)) {
    const authEvent = source.get(id)
    if (authEvent?.pdu.type === type && authEvent.pdu.state_key === stateKey) return authEvent
  }
  return undefined
}
