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
import { createTailMemory, type TailMemory } from './tail-memory.ts'
import { createWaiters } from './waiters.ts'

export interface TailOptions {
  db: Db
  bus: Bus
  limits: LogLimits
  report(what: string, error: unknown): void
  /** What a row weighs in memory. */
  bytes(row: TailRow): number
}

const CHANNEL = 'log'
const POLL_MS = 1000
const POLL_WITHOUT_BUS_MS = 250
/** Rows per read. */
const PAGE = 2000
/** An acknowledgement waits no longer for the rows before its own; they come later then, in order all the same. */
const HAND_OVER_MS = 5000

export async function openTail(options: TailOptions): Promise<LogTail> {
  const text = sql`select coalesce(max(position), 0) as head from log`
  const { head } = await one<{ head: Position }>(options.db, text)
  return new LogTail(head, options)
}

export class LogTail implements Tail {
  readonly #options: TailOptions
  readonly #memory: TailMemory
  readonly #waiters = createWaiters()
  readonly #listeners = new Set<(rows: readonly TailRow[]) => void>()
  /** Rows of this process that came while earlier ones were missing: kept for their payloads. */
  readonly #own = new Map<Position, TailRow>()
  readonly #catchUp = coalesce(() => this.#read())
  readonly #stop: (() => void)[]

  constructor(head: Position, options: TailOptions) {
    const { bus, limits } = options
    this.#options = options
    this.#memory = createTailMemory(head, limits)
    this.#stop = [
      bus.subscribe(CHANNEL, (message) => this.#takeHint(message)),
      poll(
        () => (bus.up ? POLL_MS : POLL_WITHOUT_BUS_MS),
        () => this.#catchUpQuietly(),
      ),
    ]
  }

  get head(): Position {
    return this.#memory.head
  }

  since(after: Position): readonly TailRow[] | 'beyond the tail' {
    return this.#memory.since(after)
  }

  subscribe(listener: (rows: readonly TailRow[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async reached(position: Position, signal?: AbortSignal): Promise<void> {
    if (position <= this.head) return
    void this.#catchUpQuietly()
    await this.#waiters.wait(position, signal)
  }

  async refresh(): Promise<Position> {
    await this.#catchUp()
    return this.head
  }

  /** Takes in a batch of this process, and tells the others. Resolves once its rows were handed over; never rejects. */
  async committed(rows: readonly TailRow[], base: Position): Promise<void> {
    const last = base + rows.length
    if (base <= this.head) this.#append(rows)
    else for (const row of rows) this.#own.set(row.position, row)
    this.#options.bus.publish(CHANNEL, encodeHint(base, rows, this.#options.limits.hintBytes))
    if (last <= this.head) return
    void this.#catchUpQuietly()
    await this.#waiters.wait(last, AbortSignal.timeout(HAND_OVER_MS)).catch(() => {})
  }

  stop(): void {
    for (const stop of this.#stop) stop()
  }

  #takeHint(message: string): void {
    const hint = decodeHint(message)
    if (hint === undefined) return
    if (hint.rows && hint.base <= this.head) this.#append(hint.rows)
    else if (hint.base >= this.head) void this.#catchUpQuietly()
  }

  async #read(): Promise<void> {
    for (let full = true; full; ) {
      const rows = await rowsAfter(this.#options.db, this.head, PAGE)
      full = rows.length === PAGE
      this.#append(rows)
    }
  }

  #catchUpQuietly(): Promise<void> {
    return this.#catchUp().catch((error) => this.#options.report('the log could not be read', error))
  }

  /** Takes in rows that leave no hole after the head; those up to the head are known already. */
  #append(found: readonly TailRow[]): void {
    const fresh = found.filter(({ position }) => position > this.head)
    const rows = this.#own.size === 0 ? fresh : fresh.map((row) => this.#own.get(row.position) ?? row)
    if (rows.length === 0) return
    const weight = rows.reduce((sum, row) => sum + this.#options.bytes(row), 0)
    this.#memory.append(rows, weight)
    for (const position of this.#own.keys()) if (position <= this.head) this.#own.delete(position)
    for (const listener of this.#listeners) this.#hand(listener, rows)
    this.#waiters.wake(this.head)
  }

  #hand(listener: (rows: readonly TailRow[]) => void, rows: readonly TailRow[]): void {
    try {
      listener(rows)
    } catch (error) {
      this.#options.report('a listener of the log failed', error)
    }
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
