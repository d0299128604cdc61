import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from './logger.ts'
import { StartError } from './start-error.ts'

/** 'Kith' in ASCII: the first half of the advisory lock's key. */
const lockClass = 0x4b697468
const lockObject = 1
/** A server that was just killed, or is just stopping, holds the lock for a moment. */
const patienceMs = 2000
const retryMs = 100

export interface InstanceLock {
  /** Lets a second start say where this one is. */
  announce(address: string): Promise<void>
  release(): Promise<void>
}

export interface InstanceLockOptions {
  url: string
  /** What is locked, for the message: a folder, or 'this database'. */
  place: string
  logger: Logger
  /** Another process got the lock while this one's connection was down. */
  onLost: () => void
}

/**
 * Holds the database for this process: an advisory lock on a connection of its own, which ends with the process
 * however that dies.
 *
 * @throws StartError when another process holds it
 */
export async function takeInstanceLock(options: InstanceLockOptions): Promise<InstanceLock> {
  let client = await connectAndLock(options, patienceMs)
  let address = ''
  let isReleased = false
  const announce = async () => {
    await client.query(`select set_config('application_name', $1, false)`, [nameOf(process.pid, address)])
  }
  const watch = () => {
    client.once('end', async () => {
      if (isReleased) return
      const again = await reconnect(options, () => isReleased)
      if (!again) return
      client = again
      watch()
      await announce().catch((error) => options.logger.warn({ err: error }, 'cannot announce the address'))
    })
  }
  watch()
  return {
    announce(given) {
      address = given
      return announce()
    },
    async release() {
      isReleased = true
      await client.end().catch(() => undefined)
    },
  }
}

/** Tries until the database is back. Undefined when the lock was released meanwhile, or lost. */
async function reconnect(
  options: InstanceLockOptions,
  isReleased: () => boolean,
): Promise<pg.Client | undefined> {
  options.logger.warn('the connection that holds the database for this process was cut')
  while (!isReleased()) {
    try {
      return await connectAndLock(options, patienceMs)
    } catch (error) {
      if (error instanceof StartError) {
        options.logger.fatal(error.message)
        options.onLost()
        return undefined
      }
      await delay(retryMs * 5)
    }
  }
  return undefined
}

async function connectAndLock({ url, place }: InstanceLockOptions, waitMs: number): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: nameOf(process.pid, '') })
  // Without a listener a cut connection would end the process; `end` follows it.
  client.on('error', () => undefined)
  await client.connect()
  const deadline = Date.now() + waitMs
  while (!(await tryLock(client))) {
    if (Date.now() > deadline) {
      const holder = await holderOf(client)
      await client.end()
      throw new StartError(`Kith is already running on ${place}${holder}`)
    }
    await delay(retryMs)
  }
  return client
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1, $2) as locked', [
    lockClass,
    lockObject,
  ])
  return rows[0]?.locked === true
}

/** PostgreSQL keeps 63 bytes of this. */
const nameOf = (pid: number, address: string) => `kith ${pid} ${address}`.trim()

async function holderOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ application_name: string }>(
    `select application_name from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and classid = $1::bigint::oid and objid = $2::bigint::oid and objsubid = 2 and granted
       and database = (select oid from pg_database where datname = current_database())`,
    [lockClass, lockObject],
  )
  const [, pid, address] = rows[0]?.application_name.split(' ') ?? []
  if (!pid) return ''
  return address ? ` (process ${pid}, ${address})` : ` (process ${pid})`
}
