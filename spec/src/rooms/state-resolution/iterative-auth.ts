import type { Crypto } from '../../crypto.ts'
import type { RoomEvent } from '../../events/pdu.ts'
import { authorize } from '../auth/authorize.ts'
import type { RoomVersionRules } from '../room-version.ts'
import { type NumberedEvents, none } from './numbered-events.ts'
import { createOf } from './power-order.ts'

interface Start {
  rules: RoomVersionRules
  crypto: Crypto
  events: NumberedEvents
  /** The entry that the state begins with under a key, or `none`. */
  entry(key: number): number
}

/**
 * A state that takes up the events allowed by what it has become so far.
 *
 * Source: room version 2, "State resolution", "Iterative auth checks".
 */
export class PartialState {
  readonly #start: Start
  /** By key: what the state has there, as far as that is known. */
  readonly #entries: (number | undefined)[] = []
  /** The keys that the events changed. */
  readonly changed = new Set<number>()

  constructor(start: Start) {
    this.#start = start
  }

  at(key: number): number {
    const known = this.#entries[key]
    if (known !== undefined) return known
    const entry = this.#start.entry(key)
    this.#entries[key] = entry
    return entry
  }

  apply(numbers: readonly number[]): void {
    const { events, rules, crypto } = this.#start
    let judged = none
    const state = { get: (type: string, stateKey: string) => this.#authority(judged, type, stateKey) }
    for (judged of numbers) {
      const event = events.event(judged)
      if (!event || !authorize(event, state, { rules, crypto }).allowed) continue
      const key = events.key(judged)
      this.#entries[key] = judged
      this.changed.add(key)
    }
    events.check()
  }

  /** What an event is judged by: an entry of the state, else of its own auth events. Rejected ones do not count. */
  #authority(judged: number, type: string, stateKey: string): RoomEvent | undefined {
    const { events, rules } = this.#start
    const key = events.keyNumber(type, stateKey)
    const entry = this.at(key)
    if (entry !== none && !events.isRejected(entry)) return events.event(entry)
    if (key === events.createKey) return events.event(createOf(events, judged, rules))
    const own = events.authEventAt(judged, key)
    return own !== none && !events.isRejected(own) ? events.event(own) : undefined
  }
}
