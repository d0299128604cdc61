import { join } from 'node:path'
import { writeCertificate } from './certificates.ts'
import { createDatabase } from './databases.ts'
import { freePort } from './ports.ts'
import { testProcess } from './process.ts'
import {
  accepts,
  answersVersions,
  listenAddress,
  registrationSecret,
  type ServerOptions,
  type TestServer,
  temporaryDirectory,
} from './server.ts'

const program = join(import.meta.dirname, '../../homeserver/src/main.ts')
const readyWithinMs = 20_000

export interface KithOptions extends ServerOptions {
  /** More environment variables, or other values than the ones tests have by default. */
  env?: Record<string, string>
}

/** Prepares a Kith with a data directory and a database of its own (made here unless one is given). */
export async function createKith(options: KithOptions): Promise<TestServer> {
  const resources = new AsyncDisposableStack()
  const directory = resources.use(await temporaryDirectory('kith'))
  const databaseUrl = options.databaseUrl ?? resources.use(await createDatabase('kith')).url
  const host = options.host ?? 'localhost'
  const address = listenAddress(host)
  const [federation, client] = [await freePort(address), await freePort(address)]
  const certificate = options.certificate ?? (await options.authority.issue(host))
  const tls = await writeCertificate(directory.path, options.authority, certificate)
  const [name, url] = [`${host}:${federation}`, `http://${address}:${client}`]
  const logFile = join(directory.path, 'kith.log')
  const server = testProcess({
    label: `Kith ${name}`,
    command: process.execPath,
    args: [program],
    env: {
      ...inheritedEnvironment(),
      KITH_SERVER_NAME: name,
      KITH_LISTEN: `${address}:${client}`,
      KITH_FEDERATION_LISTEN: `${address}:${federation}`,
      KITH_TLS_CERT: tls.cert,
      KITH_TLS_KEY: tls.key,
      KITH_TLS_CA: tls.ca,
      KITH_DATA_DIR: join(directory.path, 'data'),
      DATABASE_URL: databaseUrl,
      ...testSettings,
      ...options.env,
    },
    logFile,
    isReady: async () => (await answersVersions(url)) && (await accepts(address, federation)),
    readyWithinMs,
  })
  resources.defer(server.kill)
  return {
    kind: 'kith',
    name,
    url,
    logFile,
    get pid() {
      return server.pid
    },
    start: server.start,
    stop: server.stop,
    kill: server.kill,
    signal: server.signal,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

const testSettings = {
  KITH_ALLOW_PRIVATE_ADDRESSES: 'true',
  KITH_RATE_LIMITS: 'off',
  KITH_REGISTRATION: 'open',
  KITH_REGISTRATION_SHARED_SECRET: registrationSecret,
  KITH_METRICS_LISTEN: '',
  KITH_LOG_LEVEL: process.env.KITH_TEST_LOG_LEVEL ?? 'info',
}

/** The environment of the tests without their own settings for a Kith, so that each server gets just what is said here. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('KITH_') && name !== 'DATABASE_URL'),
  )
}
