/** Bounds on memory and waiting. Sizes of payloads are the estimates of their kinds. */
export interface LogLimits {
  /** What may wait to be committed; one more is Busy. */
  queueUnits: number
  queueBytes: number
  /** What goes into one transaction; a single unit may be larger. */
  batchUnits: number
  batchRows: number
  batchBytes: number
  /**
   * A unit not sent by then is Busy; one whose outcome is not known by then is Unsettled. An answer thus takes at most this plus
   * one transaction.
   */
  unitTimeoutMs: number
  /** The transaction's own limits, kept by the database: a frozen process must not hold the head lock. */
  lockTimeoutMs: number
  statementTimeoutMs: number
  idleTimeoutMs: number
  /** PostgreSQL 17 and later; also how long the committer waits for the answer, plus a second. */
  transactionTimeoutMs: number
  /** What the tail keeps. */
  tailRows: number
  tailBytes: number
  /** A larger batch is hinted at by its position alone. */
  hintBytes: number
}

export const defaultLimits: LogLimits = {
  queueUnits: 10_000,
  queueBytes: 64 * 1024 * 1024,
  batchUnits: 1000,
  batchRows: 2000,
  batchBytes: 4 * 1024 * 1024,
  unitTimeoutMs: 30_000,
  lockTimeoutMs: 6_000,
  statementTimeoutMs: 8_000,
  idleTimeoutMs: 3_000,
  transactionTimeoutMs: 10_000,
  tailRows: 100_000,
  tailBytes: 16 * 1024 * 1024,
  hintBytes: 64 * 1024,
}
