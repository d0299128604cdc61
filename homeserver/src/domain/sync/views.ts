/** What one process keeps in memory for its readers. */
import type { Log } from '../../log/log.ts'
import type { Database } from '../../platform/database.ts'
import type { Interning } from '../../storage/interning.ts'
import { AccountDataView } from '../account-data/account-data-view.ts'
import { UnreadView } from '../push/unread-view.ts'
import { UnusualMembers } from '../push/unusual-members.ts'
import { ReceiptGatherer } from '../receipts/receipt-gatherer.ts'
import type { MembersView } from '../rooms/members-view.ts'
import { Typing } from '../typing/typing.ts'
import { LazyMembers } from './lazy-members.ts'
import { Turns } from './turns.ts'
import { UserRooms } from './user-rooms.ts'
import { Waiters } from './waiters.ts'

export interface Views {
  userRooms: UserRooms
  accountData: AccountDataView
  unusualMembers: UnusualMembers
  unread: UnreadView
  lazyMembers: LazyMembers
  receipts: ReceiptGatherer
  typing: Typing
  waiters: Waiters
  /** For changes of what belongs to one user. */
  turns: Turns
  /** Sends what is gathered and drops what is timed. */
  stop(): void
}

export interface ViewsParts {
  database: Database
  log: Log
  interning: Interning
  members: MembersView
}

/** The order matters: those who wait are woken after the views have followed the log. */
export function createViews(parts: ViewsParts): Views {
  const { database, log, members } = parts
  const userRooms = new UserRooms(database, log)
  const accountData = new AccountDataView(parts)
  const unusualMembers = new UnusualMembers(log, accountData)
  const unread = new UnreadView(log)
  const receipts = new ReceiptGatherer(log)
  const typing = new Typing()
  const waiters = new Waiters({ log, members, typing })
  return {
    userRooms,
    accountData,
    unusualMembers,
    unread,
    lazyMembers: new LazyMembers(),
    receipts,
    typing,
    waiters,
    turns: new Turns(),
    stop() {
      receipts.stop()
      typing.stop()
    },
  }
}
