import { type Db, maybeOne, one, sql } from '../platform/database.ts'

/** The domain for which this database is used; undefined while it is for none. */
export async function knownServerName(db: Db): Promise<string | undefined> {
  const row = await maybeOne<{ serverName: string }>(
    db,
    sql`select server_name as "serverName" from instance`,
  )
  return row?.serverName
}

/**
 * The domain for which this database was first used; a database without one takes the name given.
 * When two processes start at once, both get the winner's name.
 */
export async function claimServerName(db: Db, serverName: string): Promise<string> {
  await db.query(sql`insert into instance (server_name) values (${serverName}) on conflict do nothing`)
  const row = await one<{ serverName: string }>(db, sql`select server_name as "serverName" from instance`)
  return row.serverName
}
