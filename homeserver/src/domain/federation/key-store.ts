import type { ServerKeys } from '@kith/spec/api/federation/keys-server'
import { canonicalJson } from '@kith/spec/canonical-json'
import type { Crypto } from '@kith/spec/crypto'
import type { JsonObject } from '@kith/spec/json'
import { parseJson } from '@kith/spec/strict-json'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database.ts'
import { LruMap } from '../../platform/lru-map.ts'
import {
  type KnownKey,
  keyAnswer,
  keysOfServers,
  lockKeysOfServer,
  putKeyAnswer,
  putKeysOfServer,
} from '../../storage/server-keys.ts'
import { changedKeys, type KeySource, keysIn } from './server-keys.ts'

/** By key id. */
export type KnownKeys = ReadonlyMap<string, KnownKey>

/** What is known of the keys of other servers, in memory and in the database. */
export interface KeyStore {
  /** What memory holds; undefined when the database was not asked yet. */
  cached(server: string): KnownKeys | undefined
  /** Reads these servers' keys from the database, where another process may have put them. */
  read(servers: readonly string[]): Promise<void>
  /** Takes over what an answer proves. @returns whether it proves anything */
  learn(server: string, answer: ServerKeys, source: KeySource): Promise<boolean>
  /** The last answer of a server about itself. */
  lastAnswer(server: string): Promise<{ answer: ServerKeys; fetchedAt: number } | undefined>
}

export interface KeyStoreOptions {
  database: Database
  clock: Clock
  crypto: Crypto
}

const cachedServers = 10_000

export function keyStore(options: KeyStoreOptions): KeyStore {
  const memory = new LruMap<string, KnownKeys>(cachedServers)
  return {
    cached: (server) => memory.get(server),
    async read(servers) {
      const rows = await keysOfServers(options.database, servers)
      const byServer = Map.groupBy(rows, (row) => row.server)
      for (const server of servers) memory.set(server, byId(byServer.get(server) ?? []))
    },
    async learn(server, answer, source) {
      const now = options.clock.now()
      const keys = keysIn(answer, { serverName: server, now, crypto: options.crypto })
      if (keys.length === 0) return false
      memory.set(server, await store(options, server, { answer, keys, source, now }))
      return true
    },
    async lastAnswer(server) {
      const row = await keyAnswer(options.database, server)
      // It was held to its schema before it was stored.
      return row && { fetchedAt: row.fetchedAt, answer: parseJson(row.answer, 'plain') as ServerKeys }
    },
  }
}

/** Merges under the database's lock, since several processes may learn at once. */
function store(
  { database }: KeyStoreOptions,
  server: string,
  learnt: { answer: ServerKeys; keys: KnownKey[]; source: KeySource; now: number },
): Promise<KnownKeys> {
  return database.transaction(async (tx) => {
    const known = byId(await lockKeysOfServer(tx, server))
    const changed = changedKeys(known, learnt.keys, learnt)
    if (changed.length > 0) await putKeysOfServer(tx, server, changed)
    if (learnt.source === 'itself') {
      const answer = Buffer.from(canonicalJson(learnt.answer as JsonObject))
      await putKeyAnswer(tx, server, { answer, fetchedAt: learnt.now })
    }
    return byId([...known.values(), ...changed])
  })
}

const byId = (keys: readonly KnownKey[]): KnownKeys => new Map(keys.map((key) => [key.keyId, key]))
