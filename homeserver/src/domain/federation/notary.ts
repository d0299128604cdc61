import type { ServerKeys } from '@kith/spec/api/federation/keys-server'
import type { SigningKey } from '@kith/spec/crypto'
import { invalidParam } from '@kith/spec/errors'
import { isServerName } from '@kith/spec/ids'
import { signJson } from '@kith/spec/signing'
import type { Clock } from '../../platform/clock.ts'
import type { KeyFetch } from './key-fetch.ts'
import type { KeyStore } from './key-store.ts'
import type { OwnKeys } from './own-keys.ts'

export interface Notary {
  /**
   * The last answers of servers about their keys, each signed by us too. Servers of which nothing is known and that
   * cannot be reached are left out.
   *
   * @param wanted by server: until when the keys should be valid, in milliseconds since 1970; now unless given
   * @throws MatrixError M_INVALID_PARAM for too many servers
   */
  vouch(wanted: ReadonlyMap<string, number | undefined>): Promise<ServerKeys[]>
}

export interface NotaryOptions {
  store: KeyStore
  fetch: KeyFetch
  clock: Clock
  ownKeys: (domain: string) => OwnKeys | undefined
  /** The local domain that vouches, and its key. */
  serverName: string
  key: SigningKey
}

const maxServers = 200

/** Source: server-server API, "Querying Keys Through Another Server". */
export function notary(options: NotaryOptions): Notary {
  return {
    async vouch(wanted) {
      if (wanted.size > maxServers)
        throw invalidParam(`At most ${maxServers} servers may be asked for at once`)
      const now = options.clock.now()
      const answers = await Promise.all(
        [...wanted].map(([server, until]) => vouchFor(options, server, { now, until: until ?? now })),
      )
      return answers.filter((answer) => answer !== undefined)
    },
  }
}

async function vouchFor(
  options: NotaryOptions,
  server: string,
  { now, until }: { now: number; until: number },
): Promise<ServerKeys | undefined> {
  const own = options.ownKeys(server)
  if (own) return own.published()
  if (!isServerName(server)) return undefined
  let last = await options.store.lastAnswer(server)
  const isFresh = last && last.answer.valid_until_ts >= until && now < halfLife(last)
  if (!isFresh && (await options.fetch.askServer(server)) !== 'failed')
    last = await options.store.lastAnswer(server)
  return last && signJson(last.answer, options.serverName, options.key)
}

/** A notary keeps an answer for half of its lifetime (keys_server, "Get the homeserver's public key"). */
function halfLife({ answer, fetchedAt }: { answer: ServerKeys; fetchedAt: number }): number {
  return fetchedAt + (answer.valid_until_ts - fetchedAt) / 2
}
