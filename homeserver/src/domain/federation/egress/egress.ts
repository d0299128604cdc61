/**
 * What this server says to others. It follows the log: each row that is ours to relay is offered, in order, to the
 * servers it is owed to, and those are spread over shards, each held by one process.
 *
 * A shard's cursor in the database moves now and then, to where everything is delivered or noted as owed; a process
 * that takes over a shard begins there. What was delivered twice because of that is known to its receivers.
 */
import { domainOf } from '@kith/spec/ids'
import type { Lease } from '../../../log/follower.ts'
import type { TailRow } from '../../../log/log.ts'
import { destinationsOfShard, relayRows } from '../../../storage/destinations.ts'
import type { EventChange, RedactionChange } from '../../../storage/event-inserts.ts'
import { kinds } from '../../../storage/kinds.ts'
import type { ReceiptsChange } from '../../../storage/receipts.ts'
import type { StoredEvent } from '../../../storage/stored-event.ts'
import type { Homeserver } from '../../homeserver.ts'
import { randomId } from '../../random-id.ts'
import { isRelayedTo } from '../../rooms/relay.ts'
import type { TypingChange } from '../../typing/typing.ts'
import { Destination } from './destination.ts'
import { newcomerOf } from './newcomers.ts'
import { owedTo } from './owed.ts'
import { eventParcel, type Parcel, receiptParcels, transactionBody, typingParcel } from './parcel.ts'
import { recipientsOf } from './recipients.ts'
import { shardOf } from './shards.ts'

type OfferedRow = Pick<TailRow, 'position' | 'kind' | 'room' | 'user' | 'relay' | 'payload'>

const sendTimeoutMs = 60_000
const pageRows = 500

export class Egress {
  readonly #server: Homeserver
  readonly #destinations = new Map<string, Destination>()
  readonly #shards = new Map<number, Lease>()
  /** Rows that were not offered yet, in order. */
  #rows: OfferedRow[] = []
  #isOffering = false
  #isStopped = false
  #offeredUpTo: number
  /** Of transaction ids: unique over restarts. */
  readonly #prefix = randomId(9)
  #counter = 0
  readonly #unsubscribe: (() => void)[]

  constructor(server: Homeserver) {
    this.#server = server
    const { tail } = server.log
    this.#offeredUpTo = tail.head
    this.#unsubscribe = [
      tail.subscribe((rows) => this.#follow(rows)),
      server.views.typing.subscribe((change) => this.#tellTyping(change)),
    ]
  }

  /** Takes a shard: goes on with those behind, and notes as owed what lies between its cursor and now. */
  async gain(shard: number, cursor: number, lease: Lease): Promise<void> {
    this.#shards.set(shard, lease)
    for (const row of await destinationsOfShard(this.#server.database, shard)) {
      this.#destination(row.destination).resume(row)
    }
    const until = this.#offeredUpTo
    for (let after = cursor; after < until && !lease.signal.aborted; ) {
      const page = await relayRows(this.#server.database, { after, until, limit: pageRows })
      for (const row of page) await this.#offerMissed(shard, row, cursor)
      after = page.length < pageRows ? until : (page.at(-1)?.position as number)
    }
  }

  lose(shard: number): void {
    this.#shards.delete(shard)
    for (const [name, destination] of this.#destinations) {
      if (destination.shard !== shard) continue
      destination.stop()
      this.#destinations.delete(name)
    }
  }

  /** Notes durably what a shard's servers are still owed up to a position. */
  async settle(shard: number, upTo: number): Promise<void> {
    for (const [name, destination] of this.#destinations) {
      if (destination.shard !== shard) continue
      const oldest = destination.oldestQueued
      if (oldest !== undefined && oldest <= upTo) await destination.fallBehind()
      else if (destination.isIdle) this.#destinations.delete(name)
    }
  }

  /** Up to where the log has been offered to the servers it is owed to. */
  get offeredUpTo(): number {
    return this.#offeredUpTo
  }

  /** Another server was heard of: it is worth a try. */
  heard(name: string): void {
    this.#destinations.get(name)?.heard()
  }

  stop(): void {
    this.#isStopped = true
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    for (const destination of this.#destinations.values()) destination.stop()
  }

  #destination(name: string): Destination {
    const held = this.#destinations.get(name)
    if (held) return held
    const { database, logger } = this.#server
    const shard = shardOf(name)
    const lease = this.#shards.get(shard)
    const destination = new Destination(name, shard, {
      logger,
      write: (work) =>
        database.transaction(async (tx) => {
          await lease?.check(tx)
          return work(tx)
        }),
      send: (to, parcels, insists) => this.#send(to, parcels, insists),
      owed: (to, range) => owedTo(this.#server, to, range),
      head: () => this.#server.log.tail.head,
    })
    this.#destinations.set(name, destination)
    return destination
  }

  async #send(destination: string, parcels: readonly Parcel[], insists: boolean): Promise<void> {
    const { clock, config, federation } = this.#server
    await federation.client.request({
      origin: config.serverName,
      destination,
      method: 'PUT',
      path: `/_matrix/federation/v1/send/${this.#prefix}${++this.#counter}`,
      body: transactionBody(config.serverName, clock.now(), parcels),
      timeoutMs: sendTimeoutMs,
      retry: insists,
    })
  }

  #follow(rows: readonly TailRow[]): void {
    for (const row of rows) {
      this.#rows.push(row)
      if (row.kind === kinds.redaction && row.payload) this.#redact(row.payload as RedactionChange)
    }
    if (!this.#isOffering) void this.#offerAll()
  }

  #redact({ target, pdu }: RedactionChange): void {
    for (const destination of this.#destinations.values()) destination.redact(target.number, pdu.toString())
  }

  async #offerAll(): Promise<void> {
    this.#isOffering = true
    for (let rows = this.#take(); rows.length > 0; rows = this.#take()) {
      for (const row of rows) {
        if (this.#isStopped) return
        // A change of membership by others may bring in a server that missed something of ours.
        if (row.relay !== undefined || row.user !== undefined) await this.#offerSafely(row)
        this.#offeredUpTo = row.position
      }
    }
    this.#isOffering = false
  }

  #take(): OfferedRow[] {
    const rows = this.#rows
    this.#rows = []
    return rows
  }

  /** A row that can't be offered must not hold up the rest: its servers find it in their gap. */
  async #offerSafely(row: OfferedRow): Promise<void> {
    try {
      await this.#offer(row)
    } catch (error) {
      this.#server.logger.error({ err: error, position: row.position }, 'a change could not be relayed')
    }
  }

  async #offer(row: OfferedRow): Promise<void> {
    for (const { name, parcel } of await this.#parcelsOf(row)) {
      if (this.#shards.has(shardOf(name))) this.#destination(name).offer(parcel)
    }
  }

  async #offerMissed(shard: number, row: OfferedRow, cursor: number): Promise<void> {
    for (const { name } of await this.#parcelsOf(row)) {
      if (shardOf(name) !== shard) continue
      const destination = this.#destination(name)
      if (!destination.isBehind) await destination.owes(cursor)
    }
  }

  async #parcelsOf(row: OfferedRow): Promise<{ name: string; parcel: Parcel }[]> {
    const { position, relay } = row
    if (row.kind === kinds.event) {
      const event = await this.#eventOf(row)
      if (!event) return []
      const servers = relay === undefined ? [] : await recipientsOf(this.#server, event)
      const names = [...servers].filter((name) => isRelayedTo(relay, name))
      const parcels = names.map((name) => ({ name, parcel: eventParcel(event, position) }))
      return [...(await this.#introductions(event)), ...parcels]
    }
    if (row.kind !== kinds.receipts || !row.payload) return []
    const parcels = await receiptParcels(this.#server, row.payload as ReceiptsChange, position)
    const names = await this.#remoteServers(row.room ?? 0)
    return names.flatMap((name) => parcels.map((parcel) => ({ name, parcel })))
  }

  async #introductions(event: StoredEvent): Promise<{ name: string; parcel: Parcel }[]> {
    const newcomer = await newcomerOf(this.#server, event)
    if (!newcomer) return []
    const { name, missed } = newcomer
    return missed.map((one) => ({ name, parcel: eventParcel(one, one.place?.position ?? 0) }))
  }

  async #eventOf({ payload, room = 0, position }: OfferedRow): Promise<StoredEvent | undefined> {
    if (!payload) return (await this.#server.events.atPositions(room, [position]))[0]
    const { event } = payload as EventChange
    return this.#server.events.cached(event.number) ?? { ...event, place: { position, slot: 0 } }
  }

  async #remoteServers(room: number): Promise<string[]> {
    const { servers } = await this.#server.rooms.members.of(room)
    return [...servers.keys()].filter((name) => !this.#server.isLocal(name))
  }

  #tellTyping({ room, userId, typing, remote }: TypingChange): void {
    if (remote || !this.#server.isLocal(domainOf(userId))) return
    const tell = async () => {
      const roomId = await this.#server.interning.rooms.name(this.#server.database, room)
      const parcel = typingParcel({ room_id: roomId, user_id: userId, typing })
      for (const name of await this.#remoteServers(room)) {
        if (this.#shards.has(shardOf(name))) this.#destination(name).offer(parcel)
      }
    }
    tell().catch((error: unknown) => this.#server.logger.warn({ err: error }, 'typing could not be relayed'))
  }
}
