import { join } from 'node:path'
import type { Config } from './config.ts'
import type { LocalDomain } from './domain/federation/federation.ts'
import { loadOldKeys, loadSigningKey } from './domain/federation/signing-keys.ts'
import { checkDatabase } from './platform/check-database.ts'
import type { Database } from './platform/database.ts'
import { migrate } from './platform/migrations.ts'
import { StartError } from './platform/start-error.ts'
import { claimServerName, knownServerName } from './storage/instance.ts'

/** Brings the database up to date and finds out whose it is. @throws StartError */
export async function prepareDatabase(
  database: Database,
  { dataDir, serverName }: Config,
): Promise<LocalDomain> {
  await checkDatabase(database)
  await migrate(database, join(import.meta.dirname, 'storage', 'migrations'))
  // The key is there before the database is claimed: who is stopped in between can start again.
  const databaseIsNew = (await knownServerName(database)) === undefined
  const key = loadSigningKey({ dataDir, databaseIsNew })
  const first = await claimServerName(database, serverName)
  if (first !== serverName) {
    throw new StartError(
      `KITH_SERVER_NAME is ${serverName}, but the database is that of ${first}: it cannot change`,
    )
  }
  return { name: serverName, key, oldKeys: loadOldKeys(dataDir) }
}
