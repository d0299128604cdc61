import { type Sql, sql } from '../platform/database.ts'

/**
 * How changes of one kind are stored. `statements` runs inside the committer's transaction, before the log's own rows are
 * written: the position of a row is `BASE + offset`. Texts must be the same for any number of rows (`unnest` of arrays), so that
 * they are prepared once; only O(1) rows per change may be written here, all else beforehand.
 */
export interface KindDefinition<P> {
  kind: number
  name: string
  statements(rows: { offset: number; payload: P }[]): Sql[]
  /** About how many bytes a payload has, for the bounds on memory. Without it 512. */
  bytes?(payload: P): number
}

/** The position before the first of the batch, in a kind's statements. */
export const BASE: Sql = sql`(select coalesce(max(position), 0) from log)`
