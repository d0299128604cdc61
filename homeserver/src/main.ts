import { helpText } from './config/manual.ts'
import { type Config, loadConfig } from './config.ts'
import { holdDatabase } from './hold-database.ts'
import { openDatabase } from './platform/database.ts'
import { type Logger, openLogger } from './platform/logger.ts'
import { StartError } from './platform/start-error.ts'
import { prepareDatabase } from './prepare-database.ts'
import { startServer } from './server.ts'

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
  const domain = await prepareDatabase(database, config)
  const server = await startServer(config, { database, logger, domains: [domain] })
  cleanup.defer(() => server.stop())
  await held.lock.announce(server.address)
  process.stdout.write(
    `Kith serves ${config.serverName} at ${server.address}\n` +
      'Make an account: npm run user -- create NAME [--admin]\n',
  )
  await wish.made
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
