/** Faults planted into the log, each of which a run must find: the log as it would be without one of its precautions. */
import { sql } from '@kith/homeserver/platform/database'
import type { Plant } from './run-proof.ts'

export const plants: Record<string, Plant> = {
  'answers before COMMIT': { foundBy: 'exactlyOnce', acknowledgeEarly: true },

  'trusts hints that leave rows out': { foundBy: 'tailsAreWhole', hollowHints: true },

  'retries blindly when the answer to COMMIT is lost': {
    foundBy: 'exactlyOnce',
    misfortunes: ['unanswered', 'after'],
    functions: sql`create or replace function log_settle(batch bigint, after bigint) returns bigint
      language sql as 'select null::bigint'`,
  },

  'looks for a lost batch, but does not void it': {
    foundBy: 'exactlyOnce',
    misfortunes: ['late'],
    functions: sql`create or replace function log_settle(batch bigint, after bigint) returns bigint language plpgsql as $$
      begin
        perform pg_advisory_xact_lock(1263075330);
        return (select min(position) - 1 from log l where l.position > after and l.batch = log_settle.batch);
      end $$`,
  },

  'takes no head lock': {
    foundBy: 'onlyThePoisonedFail',
    functions: sql`create or replace function log_enter(batch bigint, keys text[], rooms bigint[], versions bigint[])
      returns bigint language sql as 'select coalesce(max(position), 0) from log'`,
  },
}
