import { randomBytes } from 'node:crypto'
import type { JsonObject } from '@kith/spec/json'
import { type Config, loadConfig } from '../config.ts'
import type { Homeserver } from '../domain/homeserver.ts'
import { type HomeserverParts, openHomeserver } from '../domain/open-homeserver.ts'
import { type Clock, systemClock } from '../platform/clock.ts'
import { signingKeyFromSeed } from '../platform/crypto.ts'
import { openLogger } from '../platform/logger.ts'
import { createMetrics, type Metrics } from '../platform/metrics.ts'
import { createPasswords } from '../platform/passwords.ts'
import { type ScratchDatabase, scratchDatabase } from '../platform/scratch-database.ts'
import { type Api, type ApiOptions, createApi } from './api.ts'
import { type Listener, type ListenOptions, listenHttp } from './listen.ts'
import { routes } from './routes.ts'
import type { Route } from './serve.ts'
import { TestPerson } from './test-person.ts'
import { createSockets, type Sockets } from './websocket/sockets.ts'
import type { Times } from './websocket/times.ts'

export interface TestServerOptions {
  /** Over the defaults, an open registration and no rate limits. */
  config?: Partial<Config>
  clock?: Clock
  timeouts?: ListenOptions['timeouts']
  /** Over those of websockets. */
  socketTimes?: Partial<Times>
  /** The database of another server, of which this one is a second process. Give both the same bus. */
  sharing?: ScratchDatabase
  /** Beside the server's own. */
  routes?: readonly Route[]
  /** Answers what is outside the API. */
  pages?: ApiOptions['pages']
  /** Other adapters, to reach or to stand for other servers. */
  parts?: Partial<Pick<HomeserverParts, 'outgoing' | 'resolver' | 'bus' | 'passwords'>>
}

/** A server with an own empty database, for one test: `await using alpha = await startTestServer()`. */
export interface TestServer extends AsyncDisposable {
  url: string
  server: Homeserver
  database: ScratchDatabase
  metrics: Metrics
  api: Api
  listener: Listener
  sockets: Sockets
  /** What was logged, line by line. */
  logged: string[]
  /** Calls without a token. */
  nobody: TestPerson
  /** Makes an account, signed in; its password is `passwordOf(name)`. @param extra members of the request's body */
  register(name: string, extra?: JsonObject): Promise<TestPerson>
}

/** Cheap hashes: what is tested is not how long they take. */
const passwordCost = { memoryKib: 64, passes: 1 }

/** Every answer is held against its contract: one that breaks it is a 500 with the reason in `logged`. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  await using cleanup = new AsyncDisposableStack()
  const database = options.sharing ?? cleanup.use(await scratchDatabase())
  const logged: string[] = []
  const { server, stop } = await openHomeserver({
    config: testConfig(options.config),
    database,
    clock: options.clock ?? systemClock,
    logger: openLogger('debug', { write: (line) => void logged.push(line) }),
    domains: [testDomain(options.config?.serverName ?? 'alpha.test')],
    passwords: createPasswords(passwordCost),
    ...options.parts,
  })
  cleanup.defer(stop)
  const { authenticate: authenticateServer } = server.federation
  const metrics = createMetrics()
  const allRoutes = [...routes, ...(options.routes ?? [])]
  const { pages, timeouts } = options
  const api = createApi(server, allRoutes, { authenticateServer, metrics, pages, checksAnswers: true })
  const sockets = createSockets(server, { limit: api.limit, times: options.socketTimes })
  const at = { host: '127.0.0.1', port: 0 }
  const listener = await listenHttp({ ...at, handler: api.clientHandler, upgrades: sockets, timeouts })
  cleanup.defer(() => listener.close(1000))
  cleanup.defer(() => sockets.stop())
  cleanup.defer(() => api.endWaiting())
  const url = `http://127.0.0.1:${listener.port}`
  const nobody = new TestPerson(url, undefined)
  const register = (name: string, extra?: JsonObject) => nobody.register(name, extra)
  const kept = cleanup.move()
  const dispose = () => kept.disposeAsync()
  return {
    url,
    server,
    database,
    metrics,
    api,
    listener,
    sockets,
    logged,
    nobody,
    register,
    [Symbol.asyncDispose]: dispose,
  }
}

function testConfig(over: Partial<Config> = {}): Config {
  const defaults = loadConfig({}, [])
  return { ...defaults, serverName: 'alpha.test', registration: 'open', rateLimits: false, ...over }
}

const testDomain = (name: string) => ({
  name,
  key: signingKeyFromSeed('ed25519:test', randomBytes(32)),
  oldKeys: [],
})
