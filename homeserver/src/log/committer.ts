/**
 * Group commit: one transaction in flight, everything that queued up meanwhile goes into the next.
 *
 * Why it is so. The head lock comes first in the transaction, so committers of several processes cannot deadlock, and all
 * checks are made on the newest rows and stay true until COMMIT. Positions are `max(position) + offset`: no
 * head row or counter is updated, because a hot row rots while any old snapshot is open. Positions become visible in order.
 * The transaction goes out whole, so a process that freezes holds the lock for no longer than the database lets it.
 *
 * When a batch fails, its units are told apart: losers are answered and the rest goes again; a poisoned unit is found
 * by halving, so that strangers pass and it alone is Refused. When the answer to COMMIT is lost, the batch is looked up
 * (and voided when missing: its transaction could still arrive) before anyone is answered.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { batchStatements, committedRows, type Kinds, type Prepared } from './batch.ts'
import { createChains } from './chains.ts'
import { type Failure, failureOf, type Lost } from './failures.ts'
import type { LogLimits } from './limits.ts'
import {
  Busy,
  type Committed,
  Duplicate,
  type Position,
  Refused,
  Stale,
  type TailRow,
  type Unit,
  Unsettled,
} from './log.ts'
import { measureUnit } from './measure.ts'
import { createQueue, type Pending, type Queue } from './queue.ts'
import type { Session } from './session.ts'

export interface CommitterOptions {
  session: Session
  kinds: Kinds
  limits: LogLimits
  /** A position known now; every later batch comes after it. */
  head(): Position
  /** Told of each batch after COMMIT; its units are answered once this resolves. It never rejects. */
  committed(rows: TailRow[], base: Position): Promise<void>
  report(what: string, error: unknown): void
}

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 1000
const SWEEP_MS = 250

/** What became of one attempt to commit a group. */
type Attempt = { base: Position } | { failure: Failure; error: unknown } | 'not written'

export class Committer {
  readonly #options: CommitterOptions
  readonly #queue: Queue
  readonly #chains = createChains()
  #unsettled: Pending[] = []
  #running: Promise<void> | undefined
  #stopped = false

  constructor(options: CommitterOptions) {
    this.#options = options
    this.#queue = createQueue(options.limits)
  }

  commit(unit: Unit): Promise<Committed> {
    return new Promise((resolve, reject) => {
      if (this.#stopped) throw new Busy('the log is stopped')
      const bytes = measureUnit(unit, this.#options.kinds)
      const chain = this.#chains.join(unit)
      const deadline = performance.now() + this.#options.limits.unitTimeoutMs
      const pending: Pending = { unit, bytes, deadline, chain, answered: false, resolve, reject }
      if (this.#chains.isBroken(chain)) return this.#fail(pending, builtOnFailed())
      if (!this.#queue.add(pending)) return this.#fail(pending, new Busy('too many units are waiting'))
      this.#running ??= this.#run()
    })
  }

  #fail(pending: Pending, error: Error): void {
    if (pending.answered) return
    pending.answered = true
    this.#chains.break(pending.chain)
    this.#chains.leave(pending.unit, pending.chain)
    pending.reject(error)
  }

  async #run(): Promise<void> {
    const sweep = setInterval(() => this.#answerLate(performance.now()), SWEEP_MS)
    while (this.#queue.size > 0) {
      // A turn of the event loop, so that all that was asked for in this one shares the batch.
      await nextTurn()
      const group = this.#queue.take()
      try {
        await this.#commitGroup(group)
      } catch (error) {
        this.#options.report('the committer has a bug', error)
        for (const pending of group)
          this.#fail(pending, new Unsettled('the committer failed', { cause: error }))
      }
    }
    clearInterval(sweep)
    this.#running = undefined
  }

  #answerLate(now: number): void {
    for (const late of this.#queue.expired(now))
      this.#fail(late, new Busy('the database is away or too slow'))
    for (const pending of this.#unsettled) {
      if (pending.deadline <= now) this.#fail(pending, new Unsettled('the database went away during COMMIT'))
    }
  }

  async #commitGroup(group: Pending[]): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS
    for (let rest = this.#wanted(group); rest.length > 0; rest = this.#wanted(rest)) {
      const attempt = await this.#tryGroup(rest)
      if (attempt === 'not written') continue
      if ('base' in attempt) return this.#succeed(rest, attempt.base)
      const { failure, error } = attempt
      if (failure.is === 'lost' && this.#answerLosers(rest, failure) > 0) continue
      if (failure.is === 'passing') {
        this.#options.report('a batch could not be committed and is tried again', error)
        this.#options.session.reset()
        await sleep(pauseMs)
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
      } else {
        return this.#tellApart(rest, error)
      }
    }
  }

  /** Some unit of the group is poisoned: halves it until that one stands alone. */
  async #tellApart(group: Pending[], cause: unknown): Promise<void> {
    if (group.length === 1) {
      for (const pending of group)
        this.#fail(pending, new Refused('the database refuses the unit', { cause }))
      return
    }
    const half = group.length >> 1
    await this.#commitGroup(group.slice(0, half))
    await this.#commitGroup(group.slice(half))
  }

  /** Those still to be committed: not built on one that failed meanwhile, and not too late. */
  #wanted(group: Pending[]): Pending[] {
    const now = performance.now()
    for (const pending of group) {
      if (this.#chains.isBroken(pending.chain)) this.#fail(pending, builtOnFailed())
      else if (pending.deadline <= now) this.#fail(pending, new Busy('the database is away or too slow'))
    }
    return group.filter(({ answered }) => !answered)
  }

  async #tryGroup(group: Pending[]): Promise<Attempt> {
    const batch = randomBytes(8).readBigInt64BE()
    const after = this.#options.head()
    let statements: Prepared[]
    try {
      const units = group.map(({ unit }) => unit)
      statements = batchStatements(batch, units, this.#options.kinds)
    } catch (error) {
      return { failure: { is: 'poisoned' }, error }
    }
    try {
      const outcome = await this.#options.session.transact(statements)
      if (outcome.is === 'committed') return { base: outcome.base }
      if (outcome.is === 'failed') return { failure: failureOf(outcome.error), error: outcome.error }
    } catch (error) {
      return { failure: { is: 'passing' }, error }
    }
    return this.#settle(batch, after, group)
  }

  /** Finds out about a COMMIT without an answer, for as long as someone waits for it. */
  async #settle(batch: bigint, after: Position, group: Pending[]): Promise<Attempt> {
    this.#unsettled = group
    try {
      while (group.some(({ answered }) => !answered)) {
        try {
          const base = await this.#options.session.settle(batch, after)
          return base === undefined ? 'not written' : { base }
        } catch (error) {
          this.#options.report('the outcome of a batch is not known yet', error)
          await sleep(SWEEP_MS)
        }
      }
      return 'not written'
    } finally {
      this.#unsettled = []
    }
  }

  #succeed(group: Pending[], base: Position): void {
    const units = group.map(({ unit }) => unit)
    void this.#options.committed(committedRows(base, units), base).then(() => {
      let next = base
      for (const pending of group) {
        const positions = pending.unit.changes.map(() => ++next)
        if (pending.answered) continue
        pending.answered = true
        this.#chains.leave(pending.unit, pending.chain)
        pending.resolve({ positions })
      }
    })
  }

  /** @returns how many there were */
  #answerLosers(group: Pending[], lost: Lost): number {
    const results = new Map(lost.keys.map(({ key, result }) => [key, result]))
    const versions = new Map(lost.rooms.map(({ room, version }) => [room, version]))
    for (const pending of group) {
      const { room, transactionKeys } = pending.unit
      const result = transactionKeys.map(({ key }) => results.get(key)).find((known) => known !== undefined)
      const version = room && versions.get(room.number)
      if (result !== undefined) this.#fail(pending, new Duplicate(result))
      else if (version !== undefined && version !== room?.stateVersion) this.#fail(pending, isStale(version))
    }
    return group.filter(({ answered }) => answered).length
  }

  /** Commits what is queued, then lets go of the connection. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
    await this.#options.session.close()
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

const builtOnFailed = () => new Stale('the unit is built on one that failed')
const isStale = (version: number) => new Stale(`the state of the room is at version ${version}`)
