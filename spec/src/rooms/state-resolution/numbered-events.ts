import type { RoomEvent } from '../../events/pdu.ts'
import { authEventIds } from '../../events/references.ts'
import { type Conflict, MissingEvents } from './source.ts'

/** No event, or no key. */
export const none = -1

interface KeyName {
  type: string
  stateKey: string
}

/**
 * The events of one resolution and the keys of their state under small numbers, given as they are first met: the
 * algorithm compares numbers and indexes arrays, and every text is hashed once. Asking for an event that is not there
 * is noted for `check`.
 */
export class NumberedEvents {
  readonly #input: Pick<Conflict, 'event' | 'isRejected'>
  readonly #numbers = new Map<string, number>()
  readonly #ids: string[] = []
  readonly #events: (RoomEvent | undefined)[] = []
  readonly #times: number[] = []
  readonly #authEvents: (readonly number[] | undefined)[] = []
  readonly #keys: number[] = []
  readonly #rejected: (boolean | undefined)[] = []
  readonly #keysByType = new Map<string, Map<string, number>>()
  readonly #memberKeys = new Map<string, number>()
  readonly #names: KeyName[] = []
  readonly #missing = new Set<string>()
  #room = { id: '', create: none }
  readonly levelsKey: number
  readonly createKey: number

  constructor(input: Pick<Conflict, 'event' | 'isRejected'>) {
    this.#input = input
    this.#keysByType.set('m.room.member', this.#memberKeys)
    this.levelsKey = this.keyNumber('m.room.power_levels', '')
    this.createKey = this.keyNumber('m.room.create', '')
  }

  get size(): number {
    return this.#ids.length
  }

  number(id: string): number {
    return this.#numbers.get(id) ?? this.#add(id, this.#input.event(id))
  }

  numberOf(event: RoomEvent): number {
    return this.#numbers.get(event.eventId) ?? this.#add(event.eventId, event)
  }

  #add(id: string, event: RoomEvent | undefined): number {
    const number = this.#ids.push(id) - 1
    this.#numbers.set(id, number)
    this.#events.push(event)
    this.#times.push(event ? event.pdu.origin_server_ts : 0)
    this.#authEvents.push(undefined)
    this.#keys.push(event ? this.keyNumber(event.pdu.type, event.pdu.state_key ?? '') : none)
    this.#rejected.push(undefined)
    return number
  }

  id(number: number): string {
    return this.#ids[number] as string
  }

  event(number: number): RoomEvent | undefined {
    if (number === none) return undefined
    const event = this.#events[number]
    if (!event) this.#missing.add(this.id(number))
    return event
  }

  /** `origin_server_ts`. */
  time(number: number): number {
    return this.#times[number] as number
  }

  /** The events it names as its authority, in their order; none when it is missing. */
  authEvents(number: number): readonly number[] {
    const known = this.#authEvents[number]
    if (known) return known
    const event = this.event(number)
    const named: number[] = []
    if (event) for (const id of authEventIds(event.pdu)) named.push(this.number(id))
    this.#authEvents[number] = named
    return named
  }

  /** The key of the state that an event sets, or `none` when it is missing. */
  key(number: number): number {
    return this.#keys[number] as number
  }

  keyNumber(type: string, stateKey: string): number {
    const ofType = type === 'm.room.member' ? this.#memberKeys : this.#keysOf(type)
    const known = ofType.get(stateKey)
    if (known !== undefined) return known
    const key = this.#names.push({ type, stateKey }) - 1
    ofType.set(stateKey, key)
    return key
  }

  #keysOf(type: string): Map<string, number> {
    const known = this.#keysByType.get(type)
    if (known) return known
    const keys = new Map<string, number>()
    this.#keysByType.set(type, keys)
    return keys
  }

  keyName(key: number): KeyName {
    return this.#names[key] as KeyName
  }

  /** The event with this key among those that an event names as its authority. */
  authEventAt(number: number, key: number): number {
    for (const authEvent of this.authEvents(number)) {
      if (this.#keys[authEvent] === none) this.event(authEvent)
      else if (this.#keys[authEvent] === key) return authEvent
    }
    return none
  }

  /** The event whose ID is that of the room. */
  createOfRoom(roomId: string): number {
    if (this.#room.id !== roomId) this.#room = { id: roomId, create: this.number(`$${roomId.slice(1)}`) }
    return this.#room.create
  }

  isRejected(number: number): boolean {
    const known = this.#rejected[number]
    if (known !== undefined) return known
    const rejected = this.#input.isRejected?.(this.id(number)) ?? false
    this.#rejected[number] = rejected
    return rejected
  }

  /** Throws MissingEvents if any event was asked for in vain. */
  check(): void {
    if (this.#missing.size > 0) throw new MissingEvents(this.#missing)
  }
}
