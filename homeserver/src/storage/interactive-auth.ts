import { type Db, maybeOne, sql, type Tx } from '../platform/database.ts'
import type { UserNumber } from './interning.ts'

/** An operation that waits to be confirmed. */
export interface PendingOperation {
  sessionHash: Uint8Array
  operation: string
  /** Absent where nobody is signed in. */
  user: UserNumber | null
  requestMac: Uint8Array
  createdAt: number
}

/** Adds one, and drops those from before `dropBefore`. */
export async function addPendingOperation(
  tx: Tx,
  pending: PendingOperation,
  dropBefore: number,
): Promise<void> {
  await tx.query(sql`delete from interactive_auth where created_at < ${dropBefore}`)
  await tx.query(sql`
    insert into interactive_auth (session_hash, operation, user_number, request_mac, created_at)
    values (${pending.sessionHash}, ${pending.operation}, ${pending.user}, ${pending.requestMac},
      ${pending.createdAt})`)
}

export function pendingOperation(db: Db, sessionHash: Uint8Array): Promise<PendingOperation | undefined> {
  return maybeOne<PendingOperation>(
    db,
    sql`
    select session_hash as "sessionHash", operation, user_number as "user", request_mac as "requestMac",
      created_at as "createdAt"
    from interactive_auth where session_hash = ${sessionHash}`,
  )
}

/** @returns false when it was gone already */
export async function takePendingOperation(tx: Tx, sessionHash: Uint8Array): Promise<boolean> {
  const taken = await tx.query(sql`
    delete from interactive_auth where session_hash = ${sessionHash} returning operation`)
  return taken.length === 1
}

/** Adds a nonce, and drops those from before `dropBefore`. */
export async function addNonce(
  tx: Tx,
  nonce: { hash: Uint8Array; createdAt: number; dropBefore: number },
): Promise<void> {
  await tx.query(sql`delete from registration_nonces where created_at < ${nonce.dropBefore}`)
  await tx.query(sql`
    insert into registration_nonces (nonce_hash, created_at) values (${nonce.hash}, ${nonce.createdAt})`)
}

/** Uses a nonce up. @returns false when it is unknown, used, or from before `notBefore` */
export async function takeNonce(tx: Tx, nonceHash: Uint8Array, notBefore: number): Promise<boolean> {
  const taken = await tx.query<{ createdAt: number }>(sql`
    delete from registration_nonces where nonce_hash = ${nonceHash} returning created_at as "createdAt"`)
  return taken.some(({ createdAt }) => createdAt >= notBefore)
}
