import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => unknown

/** Takes connections over from HTTP. */
export interface Upgrades {
  /** Whether to take this request; any other is answered as if it asked for no upgrade. */
  isFor(request: IncomingMessage): boolean
  take(request: IncomingMessage, stream: Duplex, head: Buffer): void
}

export interface ListenOptions {
  host: string
  /** 0 for any free one. */
  port: number
  /** PEM texts; plain HTTP without. */
  tls?: { cert: string; key: string }
  handler: HttpHandler
  /** None without. Whoever takes a connection closes it before the listener. */
  upgrades?: Upgrades
  /** Milliseconds for the headers, and for the whole request. */
  timeouts?: { headersMs: number; requestMs: number }
}

export interface Listener {
  host: string
  port: number
  /**
   * Stops accepting, closes idle connections, and waits for the requests that are running.
   *
   * @param graceMs after which those still running are cut off
   */
  close(graceMs?: number): Promise<void>
}

const maxHeaderSize = 16 * 1024
/** A little over the minute that proxies commonly keep an idle connection, so that they close it and not we. */
const keepAliveTimeout = 75_000
const standardTimeouts = { headersMs: 30_000, requestMs: 90_000 }
const standardGraceMs = 10_000

/** @throws the system's error when the address cannot be listened on */
export async function listenHttp(options: ListenOptions): Promise<Listener> {
  const { headersMs, requestMs } = options.timeouts ?? standardTimeouts
  const { tls, handler, upgrades } = options
  const settings = {
    maxHeaderSize,
    keepAliveTimeout,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(1000, headersMs),
    insecureHTTPParser: false,
    noDelay: true,
    shouldUpgradeCallback: (request: IncomingMessage) => upgrades?.isFor(request) ?? false,
  }
  const server: Server = tls
    ? createTlsServer({ ...settings, ...tls, minVersion: 'TLSv1.2' }, handler)
    : createServer(settings, handler)
  if (upgrades) server.on('upgrade', upgrades.take)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(options.port, options.host, resolve)
  await promise
  server.off('error', reject)
  const { address, port } = server.address() as AddressInfo
  return { host: address, port, close: (graceMs = standardGraceMs) => close(server, graceMs) }
}

async function close(server: Server, graceMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await new Promise<void>((resolve) => server.close(() => resolve()))
  clearTimeout(cut)
}
