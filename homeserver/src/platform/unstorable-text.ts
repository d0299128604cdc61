/**
 * Whether a statement failed because a text parameter holds a NUL, the one character that PostgreSQL's `text` cannot. Where a
 * NUL is legal (events, account data), bytes are stored; elsewhere it is the caller's mistake.
 */
export const isUnstorableText = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '22021'
