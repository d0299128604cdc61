import { type ChildProcess, spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../logger.ts'
import { StartError } from '../start-error.ts'
import { disarm, isAlive, readPostmaster } from './postmaster-file.ts'
import { noNamespaceHint, unprivileged } from './unprivileged.ts'

const pollMs = 20
/** Recovery after a crash replays at most `max_wal_size`. */
const startLimitMs = 120_000
const stopLimitMs = 10_000
const maxLogBytes = 10 * 1024 * 1024
const socketPrefix = 'kith-'

/** Where a live main process is, or where one shall be. */
export interface Place {
  directory: string
  postgres: string
  logFile: string
  logger: Logger
  /** In addition to Kith's own, and before them. */
  settings: Record<string, string>
}

export interface Running {
  pid: number
  socketDir: string
}

/**
 * Finds the main process that lives on the data directory, or starts one. What a killed server left behind, live
 * or dead, needs no help.
 */
export async function ensureRunning(place: Place, socketDir?: string): Promise<Running> {
  const deadline = Date.now() + startLimitMs
  let lastWords = ''
  while (Date.now() < deadline) {
    const found = await adopt(place, socketDir)
    if (found) return found
    const started = await start(place, socketDir)
    if (typeof started !== 'string') return started
    lastWords = started
    // Orphans of a killed main process hold its shared memory for a moment; or another start came first.
    if (!/shared memory|lock file/.test(started)) break
    await delay(pollMs * 5)
  }
  throw new StartError(`PostgreSQL does not start: ${lastWords} (see ${place.logFile})`)
}

async function adopt(place: Place, keptSocketDir?: string): Promise<Running | undefined> {
  const found = readPostmaster(place.directory)
  if (!found) return undefined
  if (!isAlive(found.pid, place.directory)) {
    if (found.socketDir !== keptSocketDir) removeSocketDir(found.socketDir)
    disarm(place.directory)
    return undefined
  }
  const running = await whenReady(place, found.pid)
  if (running && existsSync(join(running.socketDir, '.s.PGSQL.5432'))) return running
  // Somebody emptied the folder of temporary files: nothing can reach it any more.
  if (running) await stopPostmaster(place.directory, running)
  return undefined
}

/** Undefined if it died. */
async function whenReady({ directory, logger }: Place, pid: number): Promise<Running | undefined> {
  const begun = Date.now()
  let isAnnounced = false
  while (isAlive(pid, directory)) {
    const file = readPostmaster(directory)
    if (file?.pid === pid && file.isReady) return { pid, socketDir: file.socketDir }
    const waitedMs = Date.now() - begun
    if (waitedMs > startLimitMs) throw new StartError(`PostgreSQL (process ${pid}) does not become ready`)
    if (waitedMs > 1000 && !isAnnounced) logger.info('waiting for the database to recover')
    isAnnounced ||= waitedMs > 1000
    await delay(pollMs)
  }
  return undefined
}

/** The last words of one that died instead. */
async function start(place: Place, givenSocketDir?: string): Promise<Running | string> {
  const socketDir = givenSocketDir ?? makeSocketDir()
  const logStart = rotate(place.logFile)
  const child = launch(place, socketDir)
  const ended = new Promise<string>((resolve) => {
    child.once('exit', () => resolve(lastWords(place.logFile, logStart)))
    child.once('error', (error) => resolve(error.message))
  })
  const running = await Promise.race([whenUp(place, child), ended.then(() => undefined)])
  if (running) return running
  if (!givenSocketDir) removeSocketDir(socketDir)
  return ended
}

function lastWords(logFile: string, logStart: number): string {
  const words = readFileSync(logFile).subarray(logStart).toString().trim()
  if (/unshare/.test(words)) return noNamespaceHint
  return words.split('\n').find((line) => line.includes('FATAL')) ?? words.split('\n').at(-1) ?? ''
}

async function whenUp(place: Place, child: ChildProcess): Promise<Running | undefined> {
  while (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    if (readPostmaster(place.directory)?.pid === child.pid) return whenReady(place, child.pid)
    await delay(pollMs)
  }
  return undefined
}

function launch({ directory, postgres, logFile, settings }: Place, socketDir: string): ChildProcess {
  const options = Object.entries({ ...standardSettings, ...settings, unix_socket_directories: socketDir })
  const args = options.flatMap(([name, setting]) => ['-c', `${name}=${setting}`])
  const command = unprivileged(postgres, ['-D', directory, ...args])
  const log = openSync(logFile, 'a', 0o600)
  // A session of its own: Ctrl-C in the terminal must reach it only after the server has closed its connections.
  // A clean environment: it shall not hold Kith's secrets.
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  const child = spawn(command.file, command.args, { detached: true, stdio: ['ignore', log, log], env })
  closeSync(log)
  child.unref()
  return child
}

/** Given on the command line, so that they change with the release and not with the data directory. */
const standardSettings = {
  listen_addresses: '',
  port: '5432',
  unix_socket_permissions: '0700',
  max_connections: '50',
  shared_buffers: '256MB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_compression: 'on',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  jit: 'off',
  // Nothing of a statement or of its values gets into the log.
  log_min_messages: 'warning',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_parameter_max_length_on_error: '0',
}

/** Keeps one older log. Returns the length of the present one. */
function rotate(logFile: string): number {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0
  if (size < maxLogBytes) return size
  renameSync(logFile, `${logFile}.old`)
  return 0
}

/** Stops it so that the next start needs no recovery; after 10 s, at once. */
export async function stopPostmaster(directory: string, { pid, socketDir }: Running): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!isAlive(pid, directory)) break
    process.kill(pid, signal)
    const deadline = Date.now() + stopLimitMs
    while (isAlive(pid, directory) && Date.now() < deadline) await delay(pollMs)
  }
  removeSocketDir(socketDir)
}

/** The path of a socket has at most 103 bytes on some systems, and a folder for temporary files may lie deep. */
function makeSocketDir(): string {
  const parent = tmpdir().length > 70 ? '/tmp' : tmpdir()
  return mkdtempSync(join(parent, socketPrefix))
}

function removeSocketDir(socketDir: string): void {
  if (basename(socketDir).startsWith(socketPrefix)) rmSync(socketDir, { recursive: true, force: true })
}
