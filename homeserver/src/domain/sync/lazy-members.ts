/**
 * Which member events a device has been sent, so that they are not sent again with every message. Forgotten at a
 * restart and when there are many: a member sent twice does no harm.
 */
import type { Position } from '../../log/log.ts'
import { LruMap } from '../../platform/lru-map.ts'
import type { RoomNumber, StateKeyNumber } from '../../storage/interning.ts'
import type { EventNumber } from '../../storage/stored-event.ts'

interface Sent {
  event: EventNumber
  /** Position of the sync that told it: a device which presents a later token has read it. */
  at: Position
}

/** A member event, by the key of its state. */
export type MemberEntry = readonly [key: StateKeyNumber, event: EventNumber]

const cachedMembers = 2_000_000

export class LazyMembers {
  readonly #sent = new LruMap<string, Map<StateKeyNumber, Sent>>(cachedMembers, (members) => members.size + 5)

  /** Whether a device that presents a token of a position has been sent a member. */
  has(device: string, room: RoomNumber, { entry, since }: { entry: MemberEntry; since: Position }): boolean {
    const sent = this.#sent.get(`${room} ${device}`)?.get(entry[0])
    return sent !== undefined && sent.event === entry[1] && sent.at <= since
  }

  add(
    device: string,
    room: RoomNumber,
    { entries, at }: { entries: Iterable<MemberEntry>; at: Position },
  ): void {
    const name = `${room} ${device}`
    const sent = new Map(this.#sent.get(name))
    for (const [key, event] of entries) sent.set(key, { event, at })
    this.#sent.set(name, sent)
  }

  /** A device that syncs anew remembers nothing. */
  forget(device: string, room: RoomNumber): void {
    this.#sent.delete(`${room} ${device}`)
  }
}
