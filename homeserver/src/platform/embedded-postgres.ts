import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { embeddedBinaries } from './embedded-postgres/binaries.ts'
import { openDataDirectory } from './embedded-postgres/data-directory.ts'
import { ensureRunning, type Place, type Running, stopPostmaster } from './embedded-postgres/postmaster.ts'
import { isAlive } from './embedded-postgres/postmaster-file.ts'
import type { Logger } from './logger.ts'

const watchMs = 1000
const attempts = 10
const retryMs = 100

export interface EmbeddedPostgres {
  url: string
  /** Stops it cleanly, to be called when all connections are closed. */
  stop(): Promise<void>
  /** Leaves it running: another process works on it. */
  leave(): void
}

export interface EmbeddedOptions {
  dataDir: string
  logger: Logger
  /** PostgreSQL settings that differ from Kith's own. */
  settings?: Record<string, string>
}

/**
 * Runs PostgreSQL on a unix socket for this process, in a session of its own. If it dies it is started again at
 * the same address. One that a killed server left running is taken over as it is; whether another server is
 * using it shows when the instance lock is taken.
 *
 * @throws StartError
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { logger, settings = {} } = options
  const binaries = embeddedBinaries()
  const directory = await openDataDirectory(options.dataDir, binaries, logger)
  const place: Place = {
    directory,
    postgres: binaries.postgres,
    logFile: `${directory}.log`,
    logger,
    settings,
  }
  let running = await startReachable(place)
  const watch = keepRunning(place, running, (restarted) => {
    running = restarted
  })
  return {
    url: urlOf(running, 'kith'),
    async stop() {
      await watch.end()
      await stopPostmaster(directory, running)
    },
    leave: () => void watch.end(),
  }
}

/** One that was killed a moment ago still looks alive until it is asked. */
async function startReachable(place: Place): Promise<Running> {
  for (let attempt = 1; ; attempt++) {
    const running = await ensureRunning(place)
    try {
      await createDatabase(running)
      return running
    } catch (error) {
      if (attempt === attempts) throw error
      await delay(retryMs)
    }
  }
}

function keepRunning(place: Place, first: Running, onRestart: (running: Running) => void) {
  let running = first
  let restart: Promise<void> | undefined
  const timer = setInterval(() => {
    if (restart || isAlive(running.pid, place.directory)) return
    place.logger.error('the database died and is started again')
    restart = ensureRunning(place, running.socketDir)
      .then((next) => {
        running = next
        onRestart(next)
      })
      .catch((error) => place.logger.error({ err: error }, 'the database does not start'))
      .finally(() => {
        restart = undefined
      })
  }, watchMs).unref()
  return {
    async end() {
      clearInterval(timer)
      await restart
    },
  }
}

function urlOf({ socketDir }: Running, database: string): string {
  return `postgres://kith@localhost/${database}?host=${encodeURIComponent(socketDir)}`
}

async function createDatabase(running: Running): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(running, 'postgres') })
  await client.connect()
  try {
    const found = await client.query(`select from pg_database where datname = 'kith'`)
    if (found.rowCount === 0) await client.query('create database kith')
  } catch (error) {
    // Two first starts at once: the other one made it.
    if (!['42P04', '23505'].includes((error as { code?: string }).code ?? '')) throw error
  } finally {
    await client.end()
  }
}
