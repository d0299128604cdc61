/**
 * Work that follows the log, each shard of it done by one process at a time.
 *
 * A process has one lease, renewed in one row for all that it holds; time is the database's. Living processes share the shards
 * evenly: who has more than its part gives some back, free ones are taken, and those of a dead process are free
 * when its lease ends. A shard that changes hands moves its epoch, and every write names the epoch and fails if it moved, so a
 * process that froze and wakes can write nothing. Effects outside the database may be repeated then: at least once.
 */
import { randomInt } from 'node:crypto'
import type { Database } from '../platform/database.ts'
import { type HeldShard, holdShard, type Work } from './follower.ts'
import {
  endLease,
  ensureShards,
  giveBack,
  livingHolders,
  renewLease,
  storeCursors,
  takeShards,
} from './lease-rows.ts'
import type { Tail } from './log.ts'
import { createWaiters } from './waiters.ts'

export interface FollowOptions {
  kind: string
  /** Numbered from 0. More may be added later; what hashes to them moves then. */
  shards: number
  /** Where a kind that this database has never seen begins; the head if not given. */
  from?: 'head' | 'start'
  work: Work
}

export interface FollowersOptions {
  database: Database
  tail: Tail
  report?: (what: string, error: unknown) => void
  /** How long after its death the shards of a process are taken over; it renews four times as often. */
  leaseMs?: number
}

interface Following extends FollowOptions {
  held: Map<number, HeldShard>
}

export class Followers {
  readonly #database: Database
  readonly #tail: Tail
  readonly #report: (what: string, error: unknown) => void
  readonly #leaseMs: number
  readonly #waiters = createWaiters()
  readonly #unsubscribe: () => void
  readonly #kinds = new Map<string, Following>()
  /** Shards whose work is coming to an end. */
  readonly #leaving = new Set<Promise<void>>()
  #holder = newHolder()
  /** Ends the lease by this process's own clock, counted from before the renewal was sent: earlier than by the database's. */
  #expiry: NodeJS.Timeout | undefined
  #timer: NodeJS.Timeout | undefined
  #tending = Promise.resolve()
  #stopped = false

  constructor({ database, tail, report = () => {}, leaseMs = 10_000 }: FollowersOptions) {
    this.#database = database
    this.#tail = tail
    this.#report = report
    this.#leaseMs = leaseMs
    this.#unsubscribe = tail.subscribe(() => this.#waiters.wake(tail.head))
    this.#schedule()
  }

  /** Resolves once the shards that are free have been taken. */
  async follow(options: FollowOptions): Promise<void> {
    await ensureShards(this.#database, { from: 'head', ...options })
    this.#kinds.set(options.kind, { ...options, held: new Map() })
    await this.#tendInTurn()
  }

  /** Ends all work, stores the cursors and gives the shards back. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#unsubscribe()
    await this.#tending
    clearTimeout(this.#expiry)
    for (const following of this.#kinds.values()) this.#giveBack(following, 0)
    await Promise.all(this.#leaving)
    await endLease(this.#database, this.#holder)
  }

  #schedule(): void {
    const again = async () => {
      await this.#tendInTurn()
      if (!this.#stopped) this.#schedule()
    }
    this.#timer = setTimeout(again, this.#leaseMs / 4).unref()
  }

  /** One after the other: a renewal never overlaps with taking or giving. */
  #tendInTurn(): Promise<void> {
    this.#tending = this.#tending
      .then(() => this.#tend())
      .catch((error) => this.#report('the followers could not renew their lease', error))
    return this.#tending
  }

  async #tend(): Promise<void> {
    const asked = performance.now()
    const lease = { holder: this.#holder, kinds: [...this.#kinds.keys()], leaseMs: this.#leaseMs }
    if (!(await renewLease(this.#database, lease))) {
      this.#dropAll()
      return this.#tend()
    }
    clearTimeout(this.#expiry)
    this.#expiry = setTimeout(() => this.#dropAll(), asked + this.#leaseMs - performance.now()).unref()
    await this.#storeCursors()
    const living = await livingHolders(this.#database)
    for (const following of this.#kinds.values()) {
      const share = Math.ceil(following.shards / (living.get(following.kind) ?? 1))
      this.#giveBack(following, share)
      await this.#take(following, share)
    }
  }

  /** What was held is lost: a new name, so that nothing of the old one is taken for ours. */
  #dropAll(): void {
    this.#holder = newHolder()
    for (const { held } of this.#kinds.values()) {
      for (const shard of held.values()) void shard.leave()
      held.clear()
    }
  }

  #drop({ kind, shard }: { kind: string; shard: number }): void {
    const held = this.#kinds.get(kind)?.held
    void held?.get(shard)?.leave()
    held?.delete(shard)
  }

  async #storeCursors(): Promise<void> {
    const held = [...this.#kinds.values()].flatMap((following) => [...following.held.values()])
    const moved = held.filter(({ place, stored }) => place.cursor > stored)
    if (moved.length === 0) return
    const places = moved.map(({ place }) => ({ ...place }))
    const stored = await storeCursors(this.#database, places)
    const kept = new Set(stored.map(({ kind, shard }) => `${kind} ${shard}`))
    for (const [index, shard] of moved.entries()) {
      shard.stored = places[index]?.cursor ?? shard.stored
      if (!kept.has(`${shard.place.kind} ${shard.place.shard}`)) this.#drop(shard.place)
    }
  }

  async #take({ kind, shards, held, work }: Following, share: number): Promise<void> {
    if (held.size >= share) return
    const wanted = { kind, shards, holder: this.#holder, most: share - held.size }
    for (const taken of await takeShards(this.#database, wanted)) {
      const common = { work, tail: this.#tail, waiters: this.#waiters, report: this.#report }
      const lost = () => this.#drop({ kind, shard: taken.shard })
      held.set(taken.shard, holdShard({ place: { ...taken, kind }, lost, ...common }))
    }
  }

  /** Gives back what is more than its share, as soon as the work has ended; nobody waits for that. */
  #giveBack({ held }: Following, share: number): void {
    for (const shard of [...held.values()].slice(share)) {
      held.delete(shard.place.shard)
      const left = shard
        .leave()
        .then(() => giveBack(this.#database, shard.place))
        .catch((error) => this.#report('a shard could not be given back', error))
        .then(() => void this.#leaving.delete(left))
      this.#leaving.add(left)
    }
  }
}

const newHolder = () => randomInt(1, 2 ** 48 - 1)
