import { queryKeysOfServer, queryKeysOfServers } from '@kith/spec/api/federation/keys-query'
import { getServerKeys } from '@kith/spec/api/federation/keys-server'
import { serve } from '../serve.ts'

export const serverKeyRoutes = [
  serve(getServerKeys, async ({ server, host }) => server.federation.publishedKeys(host)),
  serve(queryKeysOfServer, async ({ server, params, query }) => {
    const wanted = new Map([[params.serverName, query.minimum_valid_until_ts]])
    return { server_keys: await server.federation.notary.vouch(wanted) }
  }),
  serve(queryKeysOfServers, async ({ server, body }) => {
    const wanted = Object.entries(body.server_keys).map(
      ([name, keys]) => [name, latest(Object.values(keys))] as const,
    )
    return { server_keys: await server.federation.notary.vouch(new Map(wanted)) }
  }),
]

/** One answer of a server is about all its keys, so it must be good for the most demanding of them. */
function latest(criteria: { minimum_valid_until_ts?: number }[]): number | undefined {
  const times = criteria.flatMap(({ minimum_valid_until_ts: time }) => time ?? [])
  return times.length > 0 ? Math.max(...times) : undefined
}
