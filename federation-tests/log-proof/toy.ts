/** A kind of change that holds nothing but a token, and that the database refuses when it is poisoned. */
import { BASE, type KindDefinition } from '@kith/homeserver/log/kind'
import type { LogLimits } from '@kith/homeserver/log/limits'
import { sql } from '@kith/homeserver/platform/database'

export interface Toy {
  token: string
  poisoned: boolean
}

export const toyTables = sql`
  create table toys (position bigint primary key, token text not null, poisoned boolean not null check (not poisoned))`

export const toy: KindDefinition<Toy> = {
  kind: 1,
  name: 'toy',
  bytes: ({ token }) => token.length,
  statements: (rows) => [
    sql`insert into toys (position, token, poisoned) select ${BASE} + "offset", token, poisoned
      from unnest(${rows.map(({ offset }) => offset)}::bigint[], ${rows.map(({ payload }) => payload.token)}::text[],
        ${rows.map(({ payload }) => payload.poisoned)}::boolean[]) as t("offset", token, poisoned)`,
  ],
}

/** The product's, several times shorter, so that a run of seconds comes upon them. */
export const proofLimits: Partial<LogLimits> = {
  unitTimeoutMs: 6000,
  lockTimeoutMs: 1500,
  statementTimeoutMs: 2000,
  idleTimeoutMs: 700,
  transactionTimeoutMs: 3000,
}

/** A frozen process answers nobody meanwhile. */
export const LONGEST_FREEZE_MS = 2000

/** What a unit may wait: until it is sent, one transaction, connecting anew; and a freeze. With room for a busy machine. */
export const LONGEST_WAIT_MS = 6000 + 3000 + 1000 + LONGEST_FREEZE_MS + 3000
