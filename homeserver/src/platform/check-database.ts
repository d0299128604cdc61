import { type Db, one, sql } from './database.ts'
import { StartError } from './start-error.ts'

const oldestVersion = 15
/** Collations that order by code point, whatever version of a library the machine has. */
const codePointCollations = ['C', 'POSIX', 'C.UTF-8', 'C.utf8']

interface Facts {
  version: number
  fsync: string
  synchronousCommit: string
  encoding: string
  provider: string
  collation: string
}

/**
 * Refuses a database on which an acknowledged message could be lost, or whose order of texts could change.
 *
 * @throws StartError naming the first fault
 */
export async function checkDatabase(db: Db): Promise<void> {
  const fault = faultOf(await one<Facts>(db, facts))
  if (fault) throw new StartError(`the database cannot be used: ${fault}`)
}

const facts = sql`
  select current_setting('server_version_num')::int / 10000 as version, current_setting('fsync') as fsync,
    current_setting('synchronous_commit') as "synchronousCommit", pg_encoding_to_char(encoding) as encoding,
    datlocprovider::text as provider, datcollate as collation
  from pg_database where datname = current_database()`

export function faultOf(facts: Facts): string | undefined {
  if (facts.version < oldestVersion) {
    return `it is PostgreSQL ${facts.version}, and ${oldestVersion} is the oldest that works`
  }
  if (facts.fsync !== 'on') return 'fsync is off, so that a power cut loses messages'
  if (facts.synchronousCommit === 'off') return 'synchronous_commit is off, so that a crash loses messages'
  if (facts.encoding !== 'UTF8') return `its encoding is ${facts.encoding} and must be UTF8`
  const isByCodePoint =
    facts.provider === 'b' || (facts.provider === 'c' && codePointCollations.includes(facts.collation))
  if (!isByCodePoint) return `its collation is ${facts.collation} and must be C or C.UTF-8`
  return undefined
}
