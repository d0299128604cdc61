/** What the server itself reads of people's account data: whom they ignore, and their push rules. */
import { isObject, type JsonObject } from '@kith/spec/json'
import type { StoredRules } from '@kith/spec/push/rules'
import type { Log, TailRow } from '../../log/log.ts'
import type { Database } from '../../platform/database.ts'
import { LruMap } from '../../platform/lru-map.ts'
import {
  type AccountDataChange,
  accountDataOf,
  accountDataOfUsers,
  noRoom,
} from '../../storage/account-data.ts'
import type { Interning, UserNumber } from '../../storage/interning.ts'
import { kinds } from '../../storage/kinds.ts'
import { addFirstStandings, lookedAtSingly, usersWithoutClass } from '../../storage/push-classes.ts'
import { batches } from '../batches.ts'
import { type Person, personOf, standingChange, usualPerson } from '../push/person.ts'
import { RecentChanges } from './recent-changes.ts'

export const pushRulesType = 'm.push_rules'
const ignoredUsersType = 'm.ignored_user_list'

const cachedUsers = 50_000
const cachedRules = 1_000_000
/** People whose rules are read, and gone through, in one go. */
export const oneRead = 500

export interface AccountDataViewParts {
  database: Database
  log: Log
  interning: Interning
}

export class AccountDataView {
  readonly #parts: AccountDataViewParts
  readonly #ignored = new LruMap<UserNumber, ReadonlySet<string>>(cachedUsers)
  readonly #people = new LruMap<UserNumber, Person>(cachedRules, ({ size }) => size + 1)
  /** Undefined until first asked for. */
  #singly: Map<UserNumber, number> | undefined
  #loading: Promise<ReadonlyMap<UserNumber, number>> | undefined
  readonly #changedRules = new RecentChanges<UserNumber>()
  /** Moves with every row: what was read before may be old. */
  #changes = 0

  constructor(parts: AccountDataViewParts) {
    this.#parts = parts
    parts.log.tail.subscribe((rows) => this.#follow(rows))
  }

  /** Ids of the users whom somebody ignores. */
  async ignoredBy(user: UserNumber): Promise<ReadonlySet<string>> {
    const held = this.#ignored.get(user)
    if (held) return held
    const changes = this.#changes
    const entry = await accountDataOf(this.#parts.database, { user, room: noRoom, type: ignoredUsersType })
    const ignored = ignoredIn(entry?.content)
    if (changes === this.#changes) this.#ignored.set(user, ignored)
    return ignored
  }

  /** Numbers of the users whom somebody ignores, as far as they ever appeared here. */
  async ignoredNumbers(user: UserNumber): Promise<number[]> {
    const ignored = await this.ignoredBy(user)
    if (ignored.size === 0) return []
    return [...(await this.#parts.interning.users.find(this.#parts.database, [...ignored])).values()]
  }

  /** Some people's rules. */
  async people(users: readonly UserNumber[]): Promise<Map<UserNumber, Person>> {
    const found = new Map<UserNumber, Person>()
    const missing = users.filter((user) => {
      const held = this.#people.get(user)
      if (held) found.set(user, held)
      return !held
    })
    if (missing.length === 0) return found
    const changes = this.#changes
    for (const user of missing) found.set(user, usualPerson)
    for (const { user, content } of await accountDataOfUsers(this.#parts.database, missing, pushRulesType)) {
      found.set(user, personOf(JSON.parse(content) as StoredRules))
    }
    if (changes === this.#changes) {
      for (const user of missing) this.#people.set(user, found.get(user) ?? usualPerson)
    }
    return found
  }

  /** Everybody who is looked at singly in some room, with the situations. The map follows the log. */
  async singly(): Promise<ReadonlyMap<UserNumber, number>> {
    if (this.#singly) return this.#singly
    this.#loading ??= this.#loadSingly().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  /** Whose rules changed, in order. */
  get changedRules(): RecentChanges<UserNumber> {
    return this.#changedRules
  }

  async #loadSingly(): Promise<ReadonlyMap<UserNumber, number>> {
    const { database } = this.#parts
    for (const users of batches(await usersWithoutClass(database), oneRead)) {
      await addFirstStandings(database, await this.#firstStandings(users))
    }
    for (;;) {
      const changes = this.#changes
      const users = await lookedAtSingly(database)
      if (changes !== this.#changes) continue
      this.#singly = users
      return users
    }
  }

  async #firstStandings(users: readonly UserNumber[]) {
    const people = await this.people(users)
    return [...people].map(([user, { standings }]) => ({
      user,
      standing: standingChange(standings, new Map()),
    }))
  }

  #follow(rows: readonly TailRow[]): void {
    for (const row of rows) {
      if (row.kind !== kinds.accountData || row.user === undefined) continue
      const change = row.payload as AccountDataChange | undefined
      if (change && change.type !== pushRulesType && change.type !== ignoredUsersType) continue
      this.#changes++
      if (change?.type !== pushRulesType) this.#ignored.delete(row.user)
      if (change?.type !== ignoredUsersType) this.#rulesChanged(row.user, change)
    }
  }

  /** @param change undefined when it may be one of push rules */
  #rulesChanged(user: UserNumber, change: AccountDataChange | undefined): void {
    this.#people.delete(user)
    this.#changedRules.add(user)
    const { standing } = change ?? {}
    if (standing) this.#singly?.set(user, standing.singly)
    else this.#singly = undefined
  }
}

function ignoredIn(content: string | undefined): ReadonlySet<string> {
  const list = content === undefined ? undefined : (JSON.parse(content) as JsonObject).ignored_users
  return new Set(isObject(list) ? Object.keys(list) : [])
}
