import { Pool } from 'undici'
import { type Connect, type ConnectorOptions, guardedConnector, type Route } from './connector.ts'

export interface PoolsOptions extends ConnectorOptions {
  /** Sockets to one destination; further requests wait. */
  socketsPerDestination: number
  /** How many destinations keep their sockets. Past it the one unused for longest closes its own when done. */
  destinations: number
  /** An unused socket is closed after this long. */
  idleMs: number
}

export interface Pools {
  /** The pool for the origin of a URL, apart for each route to it. */
  get(origin: string, route?: Route): Pool
  /** Aborts what is under way. */
  close(): Promise<void>
}

/** Keeps connections alive for those who are talked to often. */
export function keepPools(options: PoolsOptions): Pools {
  const pools = new Map<string, Pool>()
  const connectorFor = guardedConnector(options)
  const get = (origin: string, route?: Route) => {
    const key = route ? `${origin} ${route.certificateName} ${JSON.stringify(route.endpoints)}` : origin
    const pool = pools.get(key) ?? openPool(origin, connectorFor(route), options)
    pools.delete(key)
    pools.set(key, pool)
    if (pools.size > options.destinations) closeOldest(pools)
    return pool
  }
  const close = async () => {
    await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    pools.clear()
  }
  return { get, close }
}

function openPool(origin: string, connect: Connect, options: PoolsOptions): Pool {
  return new Pool(origin, {
    connect,
    connections: options.socketsPerDestination,
    pipelining: 1,
    keepAliveTimeout: options.idleMs,
    keepAliveMaxTimeout: options.idleMs,
  })
}

function closeOldest(pools: Map<string, Pool>): void {
  const [key, pool] = pools.entries().next().value ?? []
  if (!key || !pool) return
  pools.delete(key)
  // Waits for its requests; that they fail is for those who sent them to see.
  pool.close().catch(() => {})
}
