import type { Config } from './config.ts'
import { startEmbeddedPostgres } from './platform/embedded-postgres.ts'
import { type InstanceLock, takeInstanceLock } from './platform/instance-lock.ts'
import type { Logger } from './platform/logger.ts'
import { StartError } from './platform/start-error.ts'

/** A database that a server is just stopping may go away while we ask for it. */
const attempts = 3

export interface HeldDatabase {
  url: string
  lock: InstanceLock
  /** To be called when all connections are closed. Stops the embedded database. */
  release(): Promise<void>
}

interface HoldOptions {
  logger: Logger
  /** Another process has taken the database while the connection was down. */
  onLost: () => void
}

/**
 * The database of the settings, for this process alone.
 *
 * @throws StartError when another process has it, or it cannot be had
 */
export async function holdDatabase(config: Config, options: HoldOptions): Promise<HeldDatabase> {
  if (config.databaseUrl !== undefined) return holdExternal(config.databaseUrl, options)
  for (let attempt = 1; ; attempt++) {
    try {
      return await holdEmbedded(config.dataDir, options)
    } catch (error) {
      if (error instanceof StartError || attempt === attempts) throw error
      options.logger.info({ err: error }, 'the database went away and is started')
    }
  }
}

async function holdEmbedded(dataDir: string, options: HoldOptions): Promise<HeldDatabase> {
  const postgres = await startEmbeddedPostgres({ dataDir, logger: options.logger })
  try {
    const lock = await takeInstanceLock({ ...options, url: postgres.url, place: dataDir })
    const release = async () => {
      await lock.release()
      await postgres.stop()
    }
    return { url: postgres.url, lock, release }
  } catch (error) {
    postgres.leave()
    throw error
  }
}

/** The database of the settings, beside the server that may be running on it. */
export async function shareDatabase(config: Config, logger: Logger): Promise<Omit<HeldDatabase, 'lock'>> {
  if (config.databaseUrl !== undefined) return { url: config.databaseUrl, release: async () => undefined }
  const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, logger })
  const alone = { url: postgres.url, place: config.dataDir, logger, onLost: () => undefined }
  const lock = await takeInstanceLock(alone).catch(() => undefined)
  return {
    url: postgres.url,
    async release() {
      await lock?.release()
      if (lock) await postgres.stop()
      else postgres.leave()
    },
  }
}

async function holdExternal(url: string, options: HoldOptions): Promise<HeldDatabase> {
  try {
    const lock = await takeInstanceLock({ ...options, url, place: 'the database of DATABASE_URL' })
    return { url, lock, release: () => lock.release() }
  } catch (error) {
    if (error instanceof StartError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new StartError(`cannot connect to the database of DATABASE_URL: ${message || code}`)
  }
}
