import { type Db, maybeOne, sql, type Tx } from '../platform/database.ts'
import type { UserNumber } from './interning.ts'

export interface Account {
  user: UserNumber
  passwordHash: string | null
  isAdmin: boolean
  isLocked: boolean
  isSuspended: boolean
  deactivatedAt: number | null
}

/** The account of a local user, deactivated ones included. */
export function accountOf(db: Db, userId: string): Promise<Account | undefined> {
  return maybeOne<Account>(
    db,
    sql`
    select a.user_number as "user", a.password_hash as "passwordHash", a.is_admin as "isAdmin",
      a.is_locked as "isLocked", a.is_suspended as "isSuspended", a.deactivated_at as "deactivatedAt"
    from accounts a join users u on u.number = a.user_number where u.user_id = ${userId}`,
  )
}

export interface NewAccount {
  user: UserNumber
  passwordHash: string | undefined
  isAdmin: boolean
  createdAt: number
}

/** @returns false when the user has an account already */
export async function addAccount(tx: Tx, account: NewAccount): Promise<boolean> {
  const added = await tx.query(sql`
    insert into accounts (user_number, password_hash, is_admin, created_at)
    values (${account.user}, ${account.passwordHash}, ${account.isAdmin}, ${account.createdAt})
    on conflict do nothing returning user_number`)
  return added.length === 1
}

/** The account, kept from changing until the transaction ends. */
export function lockedAccount(
  tx: Tx,
  user: UserNumber,
): Promise<Pick<Account, 'passwordHash' | 'deactivatedAt'> | undefined> {
  return maybeOne(
    tx,
    sql`
    select password_hash as "passwordHash", deactivated_at as "deactivatedAt"
    from accounts where user_number = ${user} for share`,
  )
}
