/**
 * One server that is owed something.
 *
 * While it answers, parcels go to it from memory, one transaction at a time. Once it fails, or is too slow, it is
 * behind: a row says since when, memory forgets its parcels, and what it is owed is read from the log again when
 * its time comes. So a dead server costs the same few bytes whatever it misses.
 */

import type { Tx } from '../../../platform/database.ts'
import type { Logger } from '../../../platform/logger.ts'
import { noteBehind, noteProgress, noteUpToDate } from '../../../storage/destinations.ts'
import type { EventNumber } from '../../../storage/stored-event.ts'
import type { Owed } from './owed.ts'
import { oneTransaction, type Parcel } from './parcel.ts'

export interface DestinationParts {
  /** Writes under the lease of the destination's shard. @throws LeaseLost when another process has it */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  logger: Logger
  /** Sends one transaction. @param insists although the server failed lately @throws when it was not taken */
  send(destination: string, parcels: readonly Parcel[], insists: boolean): Promise<void>
  /** The next parcels owed between two positions, and how far they reach. */
  owed(destination: string, range: { after: number; until: number }): Promise<Owed>
  /** The log's head: what is committed later is offered later. */
  head(): number
}

/** Past this many parcels a server is too slow to be kept in memory. */
const maxQueued = 500
const firstWaitMs = 1000
const longestWaitMs = 60 * 60_000

export class Destination {
  readonly name: string
  readonly shard: number
  readonly #parts: DestinationParts
  #queue: Parcel[] = []
  #isSending = false
  #stopped = false
  /** Set while it is behind. */
  #sentUpTo: number | undefined
  #failures = 0
  /** While the last of a gap is sent: what was offered behind it. Absent when that was too much. */
  #waiting: { after: number; parcels: Parcel[] } | undefined
  #timer: NodeJS.Timeout | undefined
  /** The last write of its row; they go one after the other. */
  #noted: Promise<unknown> = Promise.resolve()

  constructor(name: string, shard: number, parts: DestinationParts) {
    this.name = name
    this.shard = shard
    this.#parts = parts
  }

  get isBehind(): boolean {
    return this.#sentUpTo !== undefined
  }

  get isIdle(): boolean {
    return !this.isBehind && !this.#isSending && this.#queue.length === 0
  }

  /** Position of the oldest parcel that memory alone holds. */
  get oldestQueued(): number | undefined {
    if (this.isBehind) return undefined
    return this.#queue.find((parcel) => parcel.position !== undefined)?.position
  }

  offer(parcel: Parcel): void {
    if (this.#stopped) return
    if (this.isBehind) this.#setAside(parcel)
    else this.#enqueue(parcel)
  }

  /** What waits here must not go out with the content that it has lost meanwhile (checklist A12). */
  redact(event: EventNumber, text: string): void {
    for (const parcel of [...this.#queue, ...(this.#waiting?.parcels ?? [])]) {
      if (parcel.event === event) parcel.text = text
    }
  }

  #enqueue(parcel: Parcel): void {
    this.#queue.push(parcel)
    if (this.#queue.length > maxQueued) this.#run(this.fallBehind())
    else if (!this.#isSending) this.#run(this.#sendQueued())
  }

  #setAside(parcel: Parcel): void {
    const waiting = this.#waiting
    if (!waiting || (parcel.position ?? 0) <= waiting.after) return
    waiting.parcels.push(parcel)
    if (waiting.parcels.length > maxQueued) this.#waiting = undefined
  }

  /** Goes on from a row that an earlier holder of the shard left. */
  resume({ sentUpTo, failures, waitMs }: { sentUpTo: number; failures: number; waitMs: number }): void {
    this.#sentUpTo = Math.min(sentUpTo, this.#sentUpTo ?? sentUpTo)
    this.#failures = failures
    this.#queue = []
    this.#tryAgain(waitMs)
  }

  /** It is owed something after a position that was offered before this process held its shard. */
  async owes(after: number): Promise<void> {
    const row = { destination: this.name, shard: this.shard, sentUpTo: after }
    await this.#note((tx) => noteBehind(tx, row))
    this.resume({ sentUpTo: after, failures: 0, waitMs: 0 })
  }

  /** Writes down what memory alone holds, and forgets it. Resolves once it is durable. */
  async fallBehind(): Promise<void> {
    const oldest = this.oldestQueued
    if (oldest === undefined || this.isBehind) {
      this.#queue = []
      return
    }
    const row = { destination: this.name, shard: this.shard, sentUpTo: oldest - 1 }
    this.#sentUpTo = row.sentUpTo
    this.#queue = []
    await this.#note((tx) => noteBehind(tx, row))
    if (!this.#isSending) this.#tryAgain(0)
  }

  /** It was heard of: whatever its back-off says, it may be tried now. */
  heard(): void {
    if (this.isBehind && this.#failures > 0 && this.#timer) this.#tryAgain(0)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #run(work: Promise<void>): void {
    work.catch((error: unknown) =>
      this.#parts.logger.error({ err: error, destination: this.name }, 'egress failed'),
    )
  }

  #note<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const noted = this.#noted.catch(() => undefined).then(() => this.#parts.write(work))
    this.#noted = noted
    return noted
  }

  #noteProgress(waitMs: number): Promise<void> {
    const row = {
      destination: this.name,
      sentUpTo: this.#sentUpTo as number,
      failures: this.#failures,
      waitMs,
    }
    return this.#note((tx) => noteProgress(tx, row))
  }

  async #sendQueued(): Promise<void> {
    this.#isSending = true
    try {
      while (this.#queue.length > 0 && !this.isBehind && !this.#stopped) {
        const parcels = oneTransaction(this.#queue)
        await this.#parts.send(this.name, parcels, false)
        this.#failures = 0
        // What fell behind meanwhile has forgotten its queue.
        if (!this.isBehind) this.#queue.splice(0, parcels.length)
      }
    } catch (error) {
      await this.#failed(error)
    } finally {
      this.#isSending = false
    }
    if (this.isBehind && !this.#timer) this.#tryAgain(0)
  }

  async #failed(error: unknown): Promise<void> {
    const { name: destination } = this
    this.#failures++
    this.#parts.logger.info(
      { err: error, destination, failures: this.#failures },
      'a server did not take what it is owed',
    )
    await this.fallBehind()
    if (!this.isBehind) return
    const waitMs = this.#waitMs()
    await this.#noteProgress(waitMs)
    this.#tryAgain(waitMs)
  }

  /** 1 s doubled per failure, at most an hour, less up to a half so that servers don't come back together. */
  #waitMs(): number {
    const fullMs = Math.min(firstWaitMs * 2 ** Math.max(0, this.#failures - 1), longestWaitMs)
    return Math.round(fullMs * (0.5 + Math.random() / 2))
  }

  #tryAgain(waitMs: number): void {
    clearTimeout(this.#timer)
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (!this.#isSending) this.#run(this.#catchUp())
    }, waitMs)
    this.#timer.unref()
  }

  async #catchUp(): Promise<void> {
    this.#isSending = true
    try {
      while (this.isBehind && !this.#stopped) await this.#catchUpOnce()
    } catch (error) {
      await this.#failed(error)
    } finally {
      this.#isSending = false
    }
    if (this.#queue.length > 0 && !this.isBehind) await this.#sendQueued()
  }

  /** What is offered while the last of the gap is on its way waits its turn, so that the gap closes under traffic. */
  async #catchUpOnce(): Promise<void> {
    const until = this.#parts.head()
    this.#waiting = { after: until, parcels: [] }
    const { parcels, upTo } = await this.#parts.owed(this.name, { after: this.#sentUpTo as number, until })
    for (let rest = parcels; rest.length > 0; ) {
      const some = oneTransaction(rest)
      await this.#parts.send(this.name, some, true)
      this.#failures = 0
      rest = rest.slice(some.length)
    }
    this.#sentUpTo = upTo
    if (upTo < until || !this.#waiting) return this.#noteProgress(0)
    this.#queue = this.#waiting.parcels
    this.#waiting = undefined
    this.#sentUpTo = undefined
    await this.#note((tx) => noteUpToDate(tx, this.name))
  }
}
