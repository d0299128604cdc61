/**
 * Which member events a device has been sent, so that they are not sent again with every message. Forgotten at a
 * restart and when there are many: a member sent twice does no harm.
 */
import { LruMap } from '../../platform/lru-map.ts'
import type { RoomNumber, StateKeyNumber } from '../../storage/interning.ts'
import type { EventNumber } from '../../storage/stored-event.ts'

const cachedMembers = 2_000_000

export class LazyMembers {
  readonly #sent = new LruMap<string, Map<StateKeyNumber, EventNumber>>(
    cachedMembers,
    (members) => members.size + 5,
  )

  wasSent(device: string, room: RoomNumber, [key, event]: readonly [StateKeyNumber, EventNumber]): boolean {
    return this.#sent.get(`${room} ${device}`)?.get(key) === event
  }

  markSent(
    device: string,
    room: RoomNumber,
    members: Iterable<readonly [StateKeyNumber, EventNumber]>,
  ): void {
    const name = `${room} ${device}`
    const sent = this.#sent.get(name) ?? new Map<StateKeyNumber, EventNumber>()
    for (const [key, event] of members) sent.set(key, event)
    this.#sent.set(name, sent)
  }

  /** A device that syncs anew remembers nothing. */
  forget(device: string, room: RoomNumber): void {
    this.#sent.delete(`${room} ${device}`)
  }
}
