import { type Db, many, maybeOne, sql, type Tx } from '../platform/database.ts'

/** A signing key of another server. */
export interface KnownKey {
  keyId: string
  publicKey: Uint8Array
  /** Milliseconds since 1970: what it signed up to then counts. */
  validUntil: number
  /** Whether its server says that it uses it no more. */
  retired: boolean
}

type Row = KnownKey & { server: string }

/** The keys known of these servers. */
export function keysOfServers(db: Db, servers: readonly string[]): Promise<Row[]> {
  return many<Row>(db, select(servers))
}

/** The keys known of a server, held until the transaction ends. */
export function lockKeysOfServer(tx: Tx, server: string): Promise<Row[]> {
  return many<Row>(tx, sql`${select([server])} for update`)
}

const select = (servers: readonly string[]) => sql`
  select server, key_id as "keyId", public_key as "publicKey", valid_until as "validUntil", retired
  from server_keys where server = any(${servers})`

/** Adds keys of a server, or replaces those of the same id. */
export async function putKeysOfServer(tx: Tx, server: string, keys: readonly KnownKey[]): Promise<void> {
  await tx.query(sql`
    insert into server_keys (server, key_id, public_key, valid_until, retired)
    select ${server}, * from unnest(
      ${keys.map((key) => key.keyId)}::text[], ${keys.map((key) => key.publicKey)}::bytea[],
      ${keys.map((key) => key.validUntil)}::bigint[], ${keys.map((key) => key.retired)}::boolean[])
    on conflict (server, key_id) do update set
      public_key = excluded.public_key, valid_until = excluded.valid_until, retired = excluded.retired`)
}

export interface KeyAnswer {
  /** Canonical JSON. */
  answer: Uint8Array
  /** Milliseconds since 1970. */
  fetchedAt: number
}

/** The last answer of a server about its own keys. */
export function keyAnswer(db: Db, server: string): Promise<KeyAnswer | undefined> {
  return maybeOne<KeyAnswer>(
    db,
    sql`select answer, fetched_at as "fetchedAt" from server_key_answers where server = ${server}`,
  )
}

export async function putKeyAnswer(tx: Tx, server: string, { answer, fetchedAt }: KeyAnswer): Promise<void> {
  await tx.query(sql`
    insert into server_key_answers (server, answer, fetched_at) values (${server}, ${answer}, ${fetchedAt})
    on conflict (server) do update set answer = excluded.answer, fetched_at = excluded.fetched_at`)
}
