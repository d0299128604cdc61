import { queryKeysOfServers } from '@kith/spec/api/federation/keys-query'
import { getServerKeys, type ServerKeys } from '@kith/spec/api/federation/keys-server'
import type { Clock } from '../../platform/clock.ts'
import { createGate } from '../../platform/gate.ts'
import { LruMap } from '../../platform/lru-map.ts'
import type { KeyStore } from './key-store.ts'
import type { FederationClient } from './requests.ts'

/** `recently`: it was asked a moment ago and is not asked again yet. */
export type Asked = 'answered' | 'failed' | 'recently'

export interface KeyFetch {
  /** Asks a server for its keys and learns them. One request at a time per server. Does not throw. */
  askServer(server: string): Promise<Asked>
  /** Asks another server for its last answers about these. Throws RemoteError. */
  askNotary(notary: string, wanted: { server: string; keyId: string; atMs: number }): Promise<ServerKeys[]>
}

export interface KeyFetchOptions {
  client: FederationClient
  store: KeyStore
  clock: Clock
}

/** Anybody can make us ask by naming a server, so a server is not asked more often than this. */
const pauseMs = { answered: 10_000, failed: 30_000 }
const limits = { timeoutMs: 10_000, maxBytes: 256 * 1024 }

export function keyFetch({ client, store, clock }: KeyFetchOptions): KeyFetch {
  const gate = createGate({ what: 'key requests', running: 100, waiting: 10_000 })
  const underWay = new Map<string, Promise<Asked>>()
  const notBefore = new LruMap<string, number>(10_000)
  const ask = async (server: string): Promise<Asked> => {
    const isLearnt = await gate.run(() => learnFrom(client, store, server)).catch(() => false)
    const asked = isLearnt ? 'answered' : 'failed'
    notBefore.set(server, clock.now() + pauseMs[asked])
    return asked
  }
  return {
    async askServer(server) {
      const running = underWay.get(server)
      if (running) return running
      if ((notBefore.get(server) ?? 0) > clock.now()) return 'recently'
      const asking = ask(server).finally(() => underWay.delete(server))
      underWay.set(server, asking)
      return asking
    },
    async askNotary(notary, { server, keyId, atMs }) {
      const body = { server_keys: { [server]: { [keyId]: { minimum_valid_until_ts: atMs } } } }
      const call = { ...limits, destination: notary, params: {}, body }
      const answer = await gate.run(() => client.call(queryKeysOfServers, call))
      return answer.server_keys.filter((keys) => keys.server_name === server)
    },
  }
}

/** Whoever asks us for something is up, whatever was the case a moment ago: hence the retry. */
async function learnFrom(client: FederationClient, store: KeyStore, server: string): Promise<boolean> {
  const keys = await client.call(getServerKeys, { ...limits, destination: server, params: {}, retry: true })
  return store.learn(server, keys, 'itself')
}
