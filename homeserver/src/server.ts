/** One running server: its listeners around the homeserver. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createApi } from './api/api.ts'
import { type Listener, listenHttp } from './api/listen.ts'
import { serveMetrics } from './api/metrics-server.ts'
import { routes } from './api/routes.ts'
import { webClient } from './api/web-client/web-client.ts'
import { createSockets } from './api/websocket/sockets.ts'
import type { Config } from './config.ts'
import type { LocalDomain } from './domain/federation/federation.ts'
import { parseServerName } from './domain/federation/server-name.ts'
import { openHomeserver } from './domain/open-homeserver.ts'
import { systemClock } from './platform/clock.ts'
import type { Database } from './platform/database.ts'
import type { Logger } from './platform/logger.ts'
import { createMetrics } from './platform/metrics.ts'
import { selfSignedCertificate } from './platform/tls-certificate.ts'

const webClientFolder = join(import.meta.dirname, '../../client/web/build')

export interface Server {
  /** Where the client API answers. */
  address: string
  stop(): Promise<void>
}

export interface ServerParts {
  database: Database
  logger: Logger
  domains: readonly [LocalDomain, ...LocalDomain[]]
}

/** Opens the homeserver and listens. @throws the system's error when an address cannot be listened on */
export async function startServer(config: Config, parts: ServerParts): Promise<Server> {
  const { database, logger } = parts
  const cleanup = new AsyncDisposableStack()
  try {
    const { server, stop } = await openHomeserver({ ...parts, config, clock: systemClock })
    cleanup.defer(stop)
    const metrics = createMetrics({ withDefaults: true })
    const { authenticate: authenticateServer } = server.federation
    const pages = await webClient(webClientFolder, logger)
    const api = createApi(server, routes, { authenticateServer, metrics, pages })
    const { handler, clientHandler } = api
    const sockets = createSockets(server, { limit: api.limit })
    const clients = await listenHttp({ ...config.listen, handler: clientHandler, upgrades: sockets })
    cleanup.defer(() => clients.close())
    cleanup.defer(() => sockets.stop())
    const peers = await listenHttp({ ...config.federationListen, handler, tls: certificate(config, logger) })
    cleanup.defer(() => peers.close())
    if (config.metricsListen) {
      const checkHealth = () => database.query({ text: 'select 1', values: [] })
      const served = await serveMetrics({ ...config.metricsListen, metrics, checkHealth })
      cleanup.defer(() => served.close(0))
    }
    cleanup.defer(() => api.endWaiting())
    return { address: urlOf(clients), stop: () => cleanup.disposeAsync() }
  } catch (error) {
    await cleanup.disposeAsync()
    throw error
  }
}

function certificate(config: Config, logger: Logger): { cert: string; key: string } {
  if (config.tlsCert !== undefined && config.tlsKey !== undefined) {
    return { cert: readFileSync(config.tlsCert, 'utf8'), key: readFileSync(config.tlsKey, 'utf8') }
  }
  const { host } = parseServerName(config.serverName)
  const own = selfSignedCertificate({ dataDir: config.dataDir, host, now: systemClock.now() })
  const how = own.isNew ? 'made' : 'in use'
  logger.warn(
    `a self-signed certificate is ${how} for federation (${own.file}): other servers will not trust it`,
  )
  return own
}

function urlOf({ host, port }: Listener): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
