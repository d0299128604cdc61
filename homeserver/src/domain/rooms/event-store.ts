/**
 * Events by id and by number. An event never changes but for its redaction and, once, its place, so the cache
 * follows the log for those two and forgets by weight otherwise.
 */
import type { Pdu } from '@kith/spec/events/pdu'
import { parseStoredEvent } from '@kith/spec/strict-json'
import type { Log, TailRow } from '../../log/log.ts'
import type { Db } from '../../platform/database.ts'
import { LruMap } from '../../platform/lru-map.ts'
import type { EventChange, RedactionChange } from '../../storage/event-inserts.ts'
import { eventsAtPositions, eventsById, eventsByNumber } from '../../storage/events.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import { kinds } from '../../storage/kinds.ts'
import type { EventNumber, StoredEvent } from '../../storage/stored-event.ts'

const cachedBytes = 128 * 1024 * 1024
/** What a parsed event weighs beside its text. */
const overheadBytes = 1500

export class EventStore {
  readonly #db: Db
  readonly #byNumber = new LruMap<EventNumber, StoredEvent>(cachedBytes, (e) => e.bytes * 3 + overheadBytes)
  readonly #numbers = new LruMap<string, EventNumber>(400_000)

  constructor(db: Db, log: Log) {
    this.#db = db
    log.tail.subscribe((rows) => this.#follow(rows))
  }

  /** Holds an event that is about to be written, so that what builds on it finds it. */
  put(event: StoredEvent): void {
    this.#byNumber.set(event.number, event)
    this.#numbers.set(event.eventId, event.number)
  }

  /** Forgets an event whose writing failed. */
  drop(event: StoredEvent): void {
    this.#byNumber.delete(event.number)
    this.#numbers.delete(event.eventId)
  }

  cached(number: EventNumber): StoredEvent | undefined {
    return this.#byNumber.get(number)
  }

  cachedById(eventId: string): StoredEvent | undefined {
    const number = this.#numbers.get(eventId)
    return number === undefined ? undefined : this.#byNumber.get(number)
  }

  /** Events by number; those that don't exist are absent. */
  async byNumber(numbers: Iterable<EventNumber>): Promise<Map<EventNumber, StoredEvent>> {
    const found = new Map<EventNumber, StoredEvent>()
    const missing: EventNumber[] = []
    for (const number of numbers) {
      const event = this.#byNumber.get(number)
      if (event) found.set(number, event)
      else missing.push(number)
    }
    if (missing.length === 0) return found
    for (const event of await eventsByNumber(this.#db, missing)) {
      this.put(event)
      found.set(event.number, event)
    }
    return found
  }

  /** Events by id; those that don't exist are absent. */
  async byId(eventIds: Iterable<string>): Promise<Map<string, StoredEvent>> {
    const found = new Map<string, StoredEvent>()
    const missing: string[] = []
    for (const eventId of eventIds) {
      const event = this.cachedById(eventId)
      if (event) found.set(eventId, event)
      else missing.push(eventId)
    }
    if (missing.length === 0) return found
    for (const event of await eventsById(this.#db, missing)) {
      this.put(event)
      found.set(event.eventId, event)
    }
    return found
  }

  async one(eventId: string): Promise<StoredEvent | undefined> {
    return this.cachedById(eventId) ?? (await this.byId([eventId])).get(eventId)
  }

  /** The live events of log positions of one room, in order. */
  async atPositions(room: RoomNumber, positions: readonly number[]): Promise<StoredEvent[]> {
    const events = await eventsAtPositions(this.#db, room, positions)
    for (const event of events) this.put(event)
    return events
  }

  #follow(rows: readonly TailRow[]): void {
    for (const row of rows) {
      if (row.kind === kinds.event && row.payload) {
        const { event } = row.payload as EventChange
        // Redacted in the same breath: the newer text stays.
        const held = this.#byNumber.get(event.number) ?? event
        this.put({ ...held, place: { position: row.position, slot: 0 }, standing: 0 })
      } else if (row.kind === kinds.redaction) {
        this.#redact(row)
      }
    }
  }

  #redact(row: TailRow): void {
    if (!row.payload) {
      // Another process redacted something we can't name from the row alone.
      this.#byNumber.clear()
      return
    }
    const { target, redactedBy, pdu } = row.payload as RedactionChange
    const held = this.#byNumber.get(target.number)
    if (held)
      this.put({ ...held, pdu: parseStoredEvent(pdu.toString()) as Pdu, redactedBy, bytes: pdu.length })
  }
}
