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
import { createQueue, type Pending } from './queue.ts'
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

export interface Committer {
  commit(unit: Unit): Promise<Committed>
  stop(): Promise<void>
}

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 1000
const SWEEP_MS = 250

/** What became of one attempt to commit a group. */
type Attempt = { base: Position } | { failure: Failure; error: unknown } | 'not written'

export function createCommitter(options: CommitterOptions): Committer {
  const { session, kinds, limits, head, committed, report } = options
  const queue = createQueue(limits)
  const chains = createChains()
  let unsettled: Pending[] = []
  let running: Promise<void> | undefined
  let stopped = false

  function commit(unit: Unit): Promise<Committed> {
    return new Promise((resolve, reject) => {
      if (stopped) throw new Busy('the log is stopped')
      const bytes = measureUnit(unit, kinds)
      const chain = chains.join(unit)
      const deadline = performance.now() + limits.unitTimeoutMs
      const pending: Pending = { unit, bytes, deadline, chain, answered: false, resolve, reject }
      if (chains.isBroken(chain)) return fail(pending, builtOnFailed())
      if (!queue.add(pending)) return fail(pending, new Busy('too many units are waiting'))
      running ??= run()
    })
  }

  function fail(pending: Pending, error: Error): void {
    if (pending.answered) return
    pending.answered = true
    chains.break(pending.chain)
    chains.leave(pending.unit, pending.chain)
    pending.reject(error)
  }

  async function run(): Promise<void> {
    const sweep = setInterval(() => answerLate(performance.now()), SWEEP_MS)
    while (queue.size > 0) {
      // A turn of the event loop, so that all that was asked for in this one shares the batch.
      await nextTurn()
      const group = queue.take()
      try {
        await commitGroup(group)
      } catch (error) {
        report('the committer has a bug', error)
        for (const pending of group) fail(pending, new Unsettled('the committer failed', { cause: error }))
      }
    }
    clearInterval(sweep)
    running = undefined
  }

  function answerLate(now: number): void {
    for (const late of queue.expired(now)) fail(late, new Busy('the database is away or too slow'))
    for (const pending of unsettled) {
      if (pending.deadline <= now) fail(pending, new Unsettled('the database went away during COMMIT'))
    }
  }

  async function commitGroup(group: Pending[]): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS
    for (let rest = wanted(group); rest.length > 0; rest = wanted(rest)) {
      const attempt = await tryGroup(rest)
      if (attempt === 'not written') continue
      if ('base' in attempt) return succeed(rest, attempt.base)
      const { failure, error } = attempt
      if (failure.is === 'lost' && answerLosers(rest, failure) > 0) continue
      if (failure.is === 'passing') {
        report('a batch could not be committed and is tried again', error)
        session.reset()
        await sleep(pauseMs)
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
      } else {
        return tellApart(rest, error)
      }
    }
  }

  /** Some unit of the group is poisoned: halves it until that one stands alone. */
  async function tellApart(group: Pending[], cause: unknown): Promise<void> {
    if (group.length === 1) {
      for (const pending of group) fail(pending, new Refused('the database refuses the unit', { cause }))
      return
    }
    const half = group.length >> 1
    await commitGroup(group.slice(0, half))
    await commitGroup(group.slice(half))
  }

  /** Those still to be committed: not built on one that failed meanwhile, and not too late. */
  function wanted(group: Pending[]): Pending[] {
    const now = performance.now()
    for (const pending of group) {
      if (chains.isBroken(pending.chain)) fail(pending, builtOnFailed())
      else if (pending.deadline <= now) fail(pending, new Busy('the database is away or too slow'))
    }
    return group.filter(({ answered }) => !answered)
  }

  async function tryGroup(group: Pending[]): Promise<Attempt> {
    const batch = randomBytes(8).readBigInt64BE()
    const after = head()
    let statements: Prepared[]
    try {
      const units = group.map(({ unit }) => unit)
      statements = batchStatements(batch, units, kinds)
    } catch (error) {
      return { failure: { is: 'poisoned' }, error }
    }
    try {
      const outcome = await session.transact(statements)
      if (outcome.is === 'committed') return { base: outcome.base }
      if (outcome.is === 'failed') return { failure: failureOf(outcome.error), error: outcome.error }
    } catch (error) {
      return { failure: { is: 'passing' }, error }
    }
    return settle(batch, after, group)
  }

  /** Finds out about a COMMIT without an answer, for as long as someone waits for it. */
  async function settle(batch: bigint, after: Position, group: Pending[]): Promise<Attempt> {
    unsettled = group
    try {
      while (group.some(({ answered }) => !answered)) {
        try {
          const base = await session.settle(batch, after)
          return base === undefined ? 'not written' : { base }
        } catch (error) {
          report('the outcome of a batch is not known yet', error)
          await sleep(SWEEP_MS)
        }
      }
      return 'not written'
    } finally {
      unsettled = []
    }
  }

  function succeed(group: Pending[], base: Position): void {
    const units = group.map(({ unit }) => unit)
    void committed(committedRows(base, units), base).then(() => {
      let next = base
      for (const pending of group) {
        const positions = pending.unit.changes.map(() => ++next)
        if (pending.answered) continue
        pending.answered = true
        chains.leave(pending.unit, pending.chain)
        pending.resolve({ positions })
      }
    })
  }

  /** @returns how many there were */
  function answerLosers(group: Pending[], lost: Lost): number {
    const results = new Map(lost.keys.map(({ key, result }) => [key, result]))
    const versions = new Map(lost.rooms.map(({ room, version }) => [room, version]))
    for (const pending of group) {
      const { room, transactionKeys } = pending.unit
      const result = transactionKeys.map(({ key }) => results.get(key)).find((known) => known !== undefined)
      const version = room && versions.get(room.number)
      if (result !== undefined) fail(pending, new Duplicate(result))
      else if (version !== undefined && version !== room?.stateVersion) fail(pending, isStale(version))
    }
    return group.filter(({ answered }) => answered).length
  }

  return {
    commit,
    async stop() {
      stopped = true
      await running
      await session.close()
    },
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

const builtOnFailed = () => new Stale('the unit is built on one that failed')
const isStale = (version: number) => new Stale(`the state of the room is at version ${version}`)
