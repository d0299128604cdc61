/** What the server itself reads of people's account data: whom they ignore, and their push rules. */
import { isObject, type JsonObject } from '@kith/spec/json'
import { noStoredRules, type Ruleset, rulesetOf, type StoredRules } from '@kith/spec/push/rules'
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
import { usersWithRules } from '../../storage/push-rules.ts'

export const pushRulesType = 'm.push_rules'
const ignoredUsersType = 'm.ignored_user_list'

const cachedUsers = 50_000

export interface AccountDataViewParts {
  database: Database
  log: Log
  interning: Interning
}

export class AccountDataView {
  readonly #parts: AccountDataViewParts
  readonly #ignored = new LruMap<UserNumber, ReadonlySet<string>>(cachedUsers)
  readonly #rules = new LruMap<UserNumber, StoredRules>(cachedUsers)
  /** Everybody whose rules are not the default ones; undefined until first asked for. */
  #unusual: Promise<Set<UserNumber>> | undefined
  /** Moves with each change of who is unusual. */
  #unusualVersion = 0
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

  /** The rules in force of some users. */
  async rulesets(users: readonly UserNumber[]): Promise<Map<UserNumber, Ruleset>> {
    const rules = await this.#rulesOf(users)
    const names = await this.#parts.interning.users.names(this.#parts.database, users)
    return new Map(
      users.map((user) => [user, rulesetOf(names.get(user) as string, rules.get(user) ?? noStoredRules)]),
    )
  }

  /** Everybody whose push rules are not the default ones, and a number that moves when the set does. */
  async unusual(): Promise<{ users: ReadonlySet<UserNumber>; version: number }> {
    this.#unusual ??= usersWithRules(this.#parts.database).then((users) => new Set(users))
    const loading = this.#unusual
    loading.catch(() => {
      if (this.#unusual === loading) this.#unusual = undefined
    })
    return { users: await loading, version: this.#unusualVersion }
  }

  async #rulesOf(users: readonly UserNumber[]): Promise<Map<UserNumber, StoredRules>> {
    const found = new Map<UserNumber, StoredRules>()
    const missing = users.filter((user) => {
      const held = this.#rules.get(user)
      if (held) found.set(user, held)
      return !held
    })
    if (missing.length === 0) return found
    const changes = this.#changes
    for (const { user, content } of await accountDataOfUsers(this.#parts.database, missing, pushRulesType)) {
      found.set(user, JSON.parse(content) as StoredRules)
    }
    if (changes === this.#changes) {
      for (const user of missing) this.#rules.set(user, found.get(user) ?? noStoredRules)
    }
    return found
  }

  #follow(rows: readonly TailRow[]): void {
    for (const row of rows) {
      if (row.kind !== kinds.accountData || row.user === undefined) continue
      const change = row.payload as AccountDataChange | undefined
      if (change && change.type !== pushRulesType && change.type !== ignoredUsersType) continue
      this.#changes++
      if (change?.type !== pushRulesType) this.#ignored.delete(row.user)
      if (change?.type !== ignoredUsersType) this.#rulesChanged(row.user, change !== undefined)
    }
  }

  /** @param known whether the row is of push rules; else it may be */
  #rulesChanged(user: UserNumber, known: boolean): void {
    this.#rules.delete(user)
    if (!known) this.#unusual = undefined
    else void this.#unusual?.then((users) => users.add(user)).catch(() => undefined)
    this.#unusualVersion++
  }
}

function ignoredIn(content: string | undefined): ReadonlySet<string> {
  const list = content === undefined ? undefined : (JSON.parse(content) as JsonObject).ignored_users
  return new Set(isObject(list) ? Object.keys(list) : [])
}
