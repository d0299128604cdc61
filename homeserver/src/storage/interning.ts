/**
 * Users, rooms, servers and state keys as numbers. A name's number never changes, so both directions are cached
 * for ever within a bound. New names are written in a transaction of their own, ahead of whatever uses them.
 */
import { domainOf } from '@kith/spec/ids'
import { type Db, many, sql } from '../platform/database.ts'
import { LruMap } from '../platform/lru-map.ts'

export type UserNumber = number
export type RoomNumber = number
export type ServerNumber = number
/** Number of a (type, state key) pair. */
export type StateKeyNumber = number

interface Pair<Name> {
  number: number
  name: Name
}

interface Table<Name> {
  /** Numbers of the names that exist. */
  find(db: Db, names: Name[]): Promise<Pair<Name>[]>
  add(db: Db, names: Name[]): Promise<unknown>
  names(db: Db, numbers: number[]): Promise<Pair<Name>[]>
}

const cachedNames = 200_000

/** One interned table with its caches. */
export class Interned {
  readonly #table: Table<string>
  readonly #numbers = new LruMap<string, number>(cachedNames)
  readonly #names = new LruMap<number, string>(cachedNames)

  constructor(table: Table<string>) {
    this.#table = table
  }

  /** The number if it is cached: what a hot path may ask synchronously. */
  cached(name: string): number | undefined {
    return this.#numbers.get(name)
  }

  /** The name if it is cached. */
  cachedName(number: number): string | undefined {
    return this.#names.get(number)
  }

  /** Numbers of names, adding those that are new. In the order asked. */
  async numbers(db: Db, names: readonly string[]): Promise<number[]> {
    let missing = await this.#lookUp(db, names)
    if (missing.length > 0) {
      await this.#table.add(db, missing)
      missing = await this.#lookUp(db, missing)
      if (missing.length > 0) throw new Error(`interning failed for ${missing.length} names`)
    }
    return names.map((name) => this.#numbers.get(name) as number)
  }

  async number(db: Db, name: string): Promise<number> {
    return this.#numbers.get(name) ?? ((await this.numbers(db, [name]))[0] as number)
  }

  /** The number of a name that must not be added by asking. */
  async existing(db: Db, name: string): Promise<number | undefined> {
    const cached = this.#numbers.get(name)
    if (cached !== undefined) return cached
    await this.#lookUp(db, [name])
    return this.#numbers.get(name)
  }

  /** Numbers of the names that exist, without adding any. */
  async find(db: Db, names: readonly string[]): Promise<Map<string, number>> {
    await this.#lookUp(db, names)
    const found = new Map<string, number>()
    for (const name of names) {
      const number = this.#numbers.get(name)
      if (number !== undefined) found.set(name, number)
    }
    return found
  }

  /** Names by number; unknown numbers are absent. */
  async names(db: Db, numbers: readonly number[]): Promise<Map<number, string>> {
    const result = new Map<number, string>()
    const missing: number[] = []
    for (const number of new Set(numbers)) {
      const name = this.#names.get(number)
      if (name === undefined) missing.push(number)
      else result.set(number, name)
    }
    if (missing.length === 0) return result
    for (const pair of await this.#table.names(db, missing)) {
      this.#remember(pair)
      result.set(pair.number, pair.name)
    }
    return result
  }

  async name(db: Db, number: number): Promise<string> {
    const name = (await this.names(db, [number])).get(number)
    if (name === undefined) throw new Error(`no name has number ${number}`)
    return name
  }

  async #lookUp(db: Db, names: readonly string[]): Promise<string[]> {
    const missing = [...new Set(names)].filter((name) => this.#numbers.get(name) === undefined)
    if (missing.length === 0) return []
    for (const pair of await this.#table.find(db, missing)) this.#remember(pair)
    return missing.filter((name) => this.#numbers.get(name) === undefined)
  }

  #remember({ number, name }: Pair<string>): void {
    this.#numbers.set(name, number)
    this.#names.set(number, name)
  }
}

const serverTable: Table<string> = {
  find: (db, names) => many(db, sql`select number, name from servers where name = any(${names}::text[])`),
  add: (db, names) =>
    db.query(sql`insert into servers (name) select * from unnest(${names}::text[]) on conflict do nothing`),
  names: (db, numbers) =>
    many(db, sql`select number, name from servers where number = any(${numbers}::bigint[])`),
}

const userTable: Table<string> = {
  find: (db, names) =>
    many(db, sql`select number, user_id as name from users where user_id = any(${names}::text[])`),
  add: async (db, names) => {
    const domains = names.map(domainOf)
    await serverTable.add(db, [...new Set(domains)].sort())
    await db.query(sql`
      insert into users (user_id, server)
      select u.user_id, s.number from unnest(${names}::text[], ${domains}::text[]) u(user_id, domain)
      join servers s on s.name = u.domain order by u.user_id on conflict do nothing`)
  },
  names: (db, numbers) =>
    many(db, sql`select number, user_id as name from users where number = any(${numbers}::bigint[])`),
}

const roomTable: Table<string> = {
  find: (db, names) =>
    many(db, sql`select number, room_id as name from rooms where room_id = any(${names}::text[])`),
  add: (db, names) =>
    db.query(sql`insert into rooms (room_id) select * from unnest(${names}::text[]) on conflict do nothing`),
  names: (db, numbers) =>
    many(db, sql`select number, room_id as name from rooms where number = any(${numbers}::bigint[])`),
}

/** (type, state key) as the bytes of `state_keys.key`. */
function stateKeyBytes(name: string): Buffer {
  const cut = name.indexOf(separator)
  return Buffer.concat([
    Buffer.from(name.slice(0, cut)),
    Buffer.of(0xff),
    Buffer.from(name.slice(cut + separator.length)),
  ])
}

/** A lone surrogate: in no event (J2), so it can't be part of a type. */
const separator = '\udfff'

function stateKeyName(bytes: Buffer): string {
  const cut = bytes.indexOf(0xff)
  return stateKeyNameOf(bytes.toString('utf8', 0, cut), bytes.toString('utf8', cut + 1))
}

/** The name under which a (type, state key) pair is interned. */
export function stateKeyNameOf(type: string, stateKey: string): string {
  return type + separator + stateKey
}

/** The pair behind an interned name. */
export function splitStateKeyName(name: string): [type: string, stateKey: string] {
  const cut = name.indexOf(separator)
  return [name.slice(0, cut), name.slice(cut + separator.length)]
}

const named = (rows: { number: number; key: Buffer }[]) =>
  rows.map(({ number, key }) => ({ number, name: stateKeyName(key) }))

const stateKeyTable: Table<string> = {
  find: async (db, names) =>
    named(
      await many(
        db,
        sql`select number, key from state_keys where key = any(${names.map(stateKeyBytes)}::bytea[])`,
      ),
    ),
  add: (db, names) =>
    db.query(sql`
      insert into state_keys (key) select * from unnest(${names.map(stateKeyBytes)}::bytea[])
      on conflict do nothing`),
  names: async (db, numbers) =>
    named(await many(db, sql`select number, key from state_keys where number = any(${numbers}::bigint[])`)),
}

/** All interned names of one process. */
export interface Interning {
  users: Interned
  rooms: Interned
  servers: Interned
  stateKeys: Interned
}

export function createInterning(): Interning {
  return {
    users: new Interned(userTable),
    rooms: new Interned(roomTable),
    servers: new Interned(serverTable),
    stateKeys: new Interned(stateKeyTable),
  }
}
