import { type Db, many, maybeOne, sql } from '../platform/database.ts'
import type { RoomNumber, UserNumber } from './interning.ts'

export interface AliasRow {
  alias: string
  roomId: string
  creator: UserNumber
}

export function aliasRow(db: Db, alias: string): Promise<AliasRow | undefined> {
  return maybeOne(db, sql`select alias, room_id as "roomId", creator from aliases where alias = ${alias}`)
}

/** False if the alias is taken. */
export async function insertAlias(db: Db, { alias, roomId, creator }: AliasRow): Promise<boolean> {
  const rows = await db.query(sql`
    insert into aliases (alias, room_id, creator) values (${alias}, ${roomId}, ${creator})
    on conflict do nothing returning 1`)
  return rows.length === 1
}

export async function deleteAlias(db: Db, alias: string): Promise<void> {
  await db.query(sql`delete from aliases where alias = ${alias}`)
}

export async function aliasesOfRoom(db: Db, roomId: string): Promise<string[]> {
  const rows = await many<{ alias: string }>(
    db,
    sql`select alias from aliases where room_id = ${roomId} order by alias`,
  )
  return rows.map((row) => row.alias)
}

/** Has all aliases of a room lead to another. */
export async function moveAliases(db: Db, { from, to }: { from: string; to: string }): Promise<void> {
  await db.query(sql`update aliases set room_id = ${to} where room_id = ${from}`)
}

export async function isPublished(db: Db, room: RoomNumber): Promise<boolean> {
  return (await maybeOne(db, sql`select 1 from published_rooms where room = ${room}`)) !== undefined
}

/** Lists a room in this server's directory, or takes it off. */
export async function setPublished(db: Db, room: RoomNumber, published: boolean): Promise<void> {
  await db.query(
    published
      ? sql`insert into published_rooms (room) values (${room}) on conflict do nothing`
      : sql`delete from published_rooms where room = ${room}`,
  )
}
