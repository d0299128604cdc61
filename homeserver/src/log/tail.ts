/**
 * Follows the log for one process: its own batches as they are committed, those of other processes by hints on the bus,
 * and SQL for whatever is missing between. Positions become visible in order, so a read tells all rows up to the
 * last it returns, and no row ever appears below the head.
 *
 * Hints may be lost, doubled or late: the head is read once a second anyway, and four times while the bus is down.
 */
import type { Bus } from '../platform/bus.ts'
import { type Db, many, one, sql } from '../platform/database.ts'
import { coalesce } from './coalesce.ts'
import { decodeHint, encodeHint } from './hints.ts'
import type { LogLimits } from './limits.ts'
import type { Position, Tail, TailRow } from './log.ts'
import { createTailMemory } from './tail-memory.ts'
import { createWaiters } from './waiters.ts'

export interface TailOptions {
  db: Db
  bus: Bus
  limits: LogLimits
  report(what: string, error: unknown): void
  /** What a row weighs in memory. */
  bytes(row: TailRow): number
}

export interface LogTail extends Tail {
  /** Takes in a batch of this process, and tells the others. Resolves once its rows were handed over; never rejects. */
  committed(rows: readonly TailRow[], base: Position): Promise<void>
  stop(): void
}

const CHANNEL = 'log'
const POLL_MS = 1000
const POLL_WITHOUT_BUS_MS = 250
/** Rows per read. */
const PAGE = 2000
/** An acknowledgement waits no longer for the rows before its own; they come later then, in order all the same. */
const HAND_OVER_MS = 5000

export async function openTail({ db, bus, limits, report, bytes }: TailOptions): Promise<LogTail> {
  const start = await one<{ head: Position }>(db, sql`select coalesce(max(position), 0) as head from log`)
  const memory = createTailMemory(start.head, limits)
  const waiters = createWaiters()
  const listeners = new Set<(rows: readonly TailRow[]) => void>()
  /** Rows of this process that came while earlier ones were missing: kept for their payloads. */
  const own = new Map<Position, TailRow>()

  function append(found: readonly TailRow[]): void {
    const fresh = found.filter(({ position }) => position > memory.head)
    const rows = own.size === 0 ? fresh : fresh.map((row) => own.get(row.position) ?? row)
    if (rows.length === 0) return
    const weight = rows.reduce((sum, row) => sum + bytes(row), 0)
    memory.append(rows, weight)
    for (const position of own.keys()) if (position <= memory.head) own.delete(position)
    for (const listener of listeners) hand(listener, rows)
    waiters.wake(memory.head)
  }

  function hand(listener: (rows: readonly TailRow[]) => void, rows: readonly TailRow[]): void {
    try {
      listener(rows)
    } catch (error) {
      report('a listener of the log failed', error)
    }
  }

  const catchUp = coalesce(async () => {
    for (let full = true; full; ) {
      const rows = await rowsAfter(db, memory.head, PAGE)
      full = rows.length === PAGE
      append(rows)
    }
  })

  const catchUpQuietly = () => catchUp().catch((error) => report('the log could not be read', error))

  function takeHint(message: string): void {
    const hint = decodeHint(message)
    if (hint === undefined) return
    if (hint.rows && hint.base <= memory.head) append(hint.rows)
    else if (hint.base >= memory.head) void catchUpQuietly()
  }

  const unsubscribe = bus.subscribe(CHANNEL, takeHint)
  const stopPolling = poll(() => (bus.up ? POLL_MS : POLL_WITHOUT_BUS_MS), catchUpQuietly)

  return {
    get head() {
      return memory.head
    },
    since: memory.since,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async reached(position, signal) {
      if (position <= memory.head) return
      void catchUpQuietly()
      await waiters.wait(position, signal)
    },
    async refresh() {
      await catchUp()
      return memory.head
    },
    async committed(rows, base) {
      if (base <= memory.head) append(rows)
      else for (const row of rows) own.set(row.position, row)
      bus.publish(CHANNEL, encodeHint(base, rows, limits.hintBytes))
      if (base + rows.length <= memory.head) return
      void catchUpQuietly()
      await waiters.wait(base + rows.length, AbortSignal.timeout(HAND_OVER_MS)).catch(() => {})
    },
    stop() {
      unsubscribe()
      stopPolling()
    },
  }
}

interface StoredRow {
  position: Position
  kind: number
  room: number | null
  user: number | null
  relay: string | null
}

async function rowsAfter(db: Db, after: Position, limit: number): Promise<TailRow[]> {
  const rows = await many<StoredRow>(
    db,
    sql`select position, kind, room, user_number as "user", relay from log
      where position > ${after} order by position limit ${limit}`,
  )
  return rows.map(({ position, kind, room, user, relay }) => ({
    position,
    kind,
    room: room ?? undefined,
    user: user ?? undefined,
    relay: relay ?? undefined,
  }))
}

/** Runs `work` again and again; the next pause begins when it has ended. @returns the end of it */
function poll(pauseMs: () => number, work: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout
  let stopped = false
  const next = () => {
    timer = setTimeout(async () => {
      await work()
      if (!stopped) next()
    }, pauseMs()).unref()
  }
  next()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
