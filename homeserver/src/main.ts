import { join } from 'node:path'
import { helpText } from './config/manual.ts'
import { type Config, loadConfig } from './config.ts'
import type { LocalDomain } from './domain/federation/federation.ts'
import { loadOldKeys, loadSigningKey } from './domain/federation/signing-keys.ts'
import { holdDatabase } from './hold-database.ts'
import { checkDatabase } from './platform/check-database.ts'
import { type Database, openDatabase } from './platform/database.ts'
import { type Logger, openLogger } from './platform/logger.ts'
import { migrate } from './platform/migrations.ts'
import { StartError } from './platform/start-error.ts'
import { startServer } from './server.ts'
import { claimServerName, knownServerName } from './storage/instance.ts'

/** From the wish to stop until the process ends, whatever hangs. An embedded database may be left; that is harmless. */
const stopLimitMs = 20_000

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(helpText())
    return
  }
  const config = loadConfig(process.env, process.argv.slice(2))
  const logger = openLogger(config.logLevel)
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'a bug: the process ends')
    process.exit(1)
  })
  await serve(config, logger)
}

async function serve(config: Config, logger: Logger): Promise<void> {
  const wish = stopWish(logger)
  await using cleanup = new AsyncDisposableStack()
  const held = await holdDatabase(config, { logger, onLost: wish.stop })
  cleanup.defer(held.release)
  const report = (what: string, error: unknown) => logger.warn({ err: error }, what)
  const database = await openDatabase({ url: held.url, report })
  cleanup.defer(() => database.close())
  const domain = await prepare(database, config)
  const server = await startServer(config, { database, logger, domains: [domain] })
  cleanup.defer(() => server.stop())
  await held.lock.announce(server.address)
  process.stdout.write(
    `Kith serves ${config.serverName} at ${server.address}\n` +
      'Make an account: npm run user -- create NAME [--admin]\n',
  )
  await wish.made
}

/** Brings the database up to date and finds out whose it is. */
async function prepare(database: Database, { dataDir, serverName }: Config): Promise<LocalDomain> {
  await checkDatabase(database)
  await migrate(database, join(import.meta.dirname, 'storage', 'migrations'))
  // The key is there before the database is claimed: who is stopped in between can start again.
  const databaseIsNew = (await knownServerName(database)) === undefined
  const key = loadSigningKey({ dataDir, databaseIsNew })
  const first = await claimServerName(database, serverName)
  if (first !== serverName) {
    throw new StartError(
      `KITH_SERVER_NAME is ${serverName}, but the database is that of ${first}: it cannot change`,
    )
  }
  return { name: serverName, key, oldKeys: loadOldKeys(dataDir) }
}

/** Signals, and the end of the launcher. One more than one changes nothing: Ctrl-C reaches a whole group at once. */
function stopWish(logger: Logger) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = () => {
    resolve()
    setTimeout(() => {
      logger.error('stopping takes too long: the process ends')
      process.exit(1)
    }, stopLimitMs).unref()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  process.on('disconnect', stop)
  return { made: promise, stop }
}

/** One line for what whoever starts Kith can mend; a bug is shown whole. */
function reasonOf(error: unknown): string {
  if (error instanceof StartError) return error.message
  const { syscall, code, address, port, stack } = error as NodeJS.ErrnoException & {
    address?: string
    port?: number
  }
  if (syscall === 'listen') return `cannot listen on ${address}:${port}: ${code}`
  return stack ?? String(error)
}

try {
  await main()
  process.exit(0)
} catch (error) {
  process.stderr.write(`kith: ${reasonOf(error)}\n`)
  process.exit(1)
}
