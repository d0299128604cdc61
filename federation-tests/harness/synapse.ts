import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeCertificate } from './certificates.ts'
import { peerPython } from './peers.ts'
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

const readyWithinMs = 60_000
const noLimit = { per_second: 1e6, burst_count: 1e6 }

/** Prepares a Synapse with a data directory of its own: SQLite, or PostgreSQL when a database is given. */
export async function createSynapse(options: ServerOptions): Promise<TestServer> {
  const python = peerPython()
  const directory = await temporaryDirectory('synapse')
  const host = options.host ?? 'localhost'
  const address = listenAddress(host)
  const [federation, client] = [await freePort(address), await freePort(address)]
  const certificate = options.certificate ?? (await options.authority.issue(host))
  const tls = await writeCertificate(directory.path, options.authority, certificate)
  const url = `http://${address}:${client}`
  const logFile = join(directory.path, 'synapse.log')
  const setup: SynapseSetup = {
    name: `${host}:${federation}`,
    address,
    federation,
    client,
    tls,
    logFile,
    url,
  }
  const config = join(directory.path, 'homeserver.yaml')
  // JSON is YAML too.
  await writeFile(config, JSON.stringify(synapseConfig(directory.path, setup, options.databaseUrl)))
  await writeFile(join(directory.path, 'log.yaml'), JSON.stringify(logConfig()))
  await writeFile(join(directory.path, 'signing.key'), signingKey())
  const server = testProcess({
    label: `Synapse ${setup.name}`,
    command: python,
    args: ['-m', 'synapse.app.homeserver', '--config-path', config],
    cwd: directory.path,
    env: process.env,
    logFile,
    isReady: async () => (await answersVersions(url)) && (await accepts(address, federation)),
    readyWithinMs,
  })
  return {
    kind: 'synapse',
    name: setup.name,
    url,
    logFile,
    get pid() {
      return server.pid
    },
    start: server.start,
    stop: server.stop,
    kill: server.kill,
    signal: server.signal,
    async [Symbol.asyncDispose]() {
      await server.kill()
      await directory[Symbol.asyncDispose]()
    },
  }
}

interface SynapseSetup {
  name: string
  address: string
  federation: number
  client: number
  tls: { cert: string; key: string; ca: string }
  logFile: string
  url: string
}

function synapseConfig(directory: string, setup: SynapseSetup, databaseUrl: string | undefined) {
  return {
    server_name: setup.name,
    public_baseurl: `${setup.url}/`,
    pid_file: join(directory, 'synapse.pid'),
    signing_key_path: join(directory, 'signing.key'),
    media_store_path: join(directory, 'media'),
    log_config: join(directory, 'log.yaml'),
    listeners: [
      listener(setup, { port: setup.federation, tls: true, names: ['federation', 'keys'] }),
      listener(setup, { port: setup.client, tls: false, names: ['client'] }),
    ],
    tls_certificate_path: setup.tls.cert,
    tls_private_key_path: setup.tls.key,
    federation_custom_ca_list: [setup.tls.ca],
    trusted_key_servers: [],
    suppress_key_server_warning: true,
    ip_range_blacklist: [],
    federation: fastRetries,
    database: databaseConfig(directory, databaseUrl),
    enable_registration: true,
    enable_registration_without_verification: true,
    registration_shared_secret: registrationSecret,
    macaroon_secret_key: 'macaroons of the tests',
    form_secret: 'forms of the tests',
    // One round is enough for passwords that protect nothing.
    bcrypt_rounds: 4,
    report_stats: false,
    ...withoutLimits,
  }
}

function signingKey(): string {
  return `ed25519 test ${randomBytes(32).toString('base64').replace('=', '')}\n`
}

function listener(
  setup: SynapseSetup,
  { port, tls, names }: { port: number; tls: boolean; names: string[] },
) {
  return { port, tls, type: 'http', bind_addresses: [setup.address], resources: [{ names, compress: false }] }
}

/** Milliseconds. A peer that was down is tried again at once: a test doesn't have the ten minutes of the default. */
const fastRetries = {
  client_timeout: 20_000,
  max_short_retry_delay: 100,
  max_long_retry_delay: 1000,
  destination_min_retry_interval: 200,
  destination_retry_multiplier: 1,
  destination_max_retry_interval: 500,
}

const withoutLimits = {
  rc_message: noLimit,
  rc_registration: noLimit,
  rc_registration_token_validity: noLimit,
  rc_login: { address: noLimit, account: noLimit, failed_attempts: noLimit },
  rc_joins: { local: noLimit, remote: noLimit },
  rc_joins_per_room: noLimit,
  rc_key_requests: noLimit,
  rc_invites: { per_room: noLimit, per_user: noLimit, per_issuer: noLimit },
  rc_media_create: noLimit,
  rc_presence: { per_user: noLimit },
  rc_room_creation: noLimit,
  rc_reports: noLimit,
  rc_user_directory: noLimit,
  rc_profile: noLimit,
  rc_federation: { window_size: 1000, sleep_limit: 1e6, sleep_delay: 1, reject_limit: 1e6, concurrent: 100 },
  federation_rr_transactions_per_room_per_second: 1e6,
}

function databaseConfig(directory: string, databaseUrl: string | undefined) {
  if (!databaseUrl) return { name: 'sqlite3', args: { database: join(directory, 'homeserver.db') } }
  return { name: 'psycopg2', args: { dsn: databaseUrl, cp_min: 5, cp_max: 10 } }
}

function logConfig() {
  return {
    version: 1,
    disable_existing_loggers: false,
    formatters: { brief: { format: '%(asctime)s %(levelname)s %(name)s %(message)s' } },
    handlers: { console: { class: 'logging.StreamHandler', formatter: 'brief' } },
    loggers: { 'synapse.storage.SQL': { level: 'WARNING' } },
    root: { level: process.env.KITH_TEST_SYNAPSE_LOG_LEVEL ?? 'WARNING', handlers: ['console'] },
  }
}
