import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DemoError } from './demo-error.ts'
import type { DemoServer } from './options.ts'
import type { Trust } from './trust.ts'

export interface RunningServer {
  pid: number
  /** Resolves when it answers. @throws DemoError when it ends instead */
  answers: Promise<void>
  /** Rejects with a DemoError when it ends, for whatever reason. */
  ended: Promise<never>
  stop(): Promise<void>
}

const program = join(import.meta.dirname, '../../homeserver/src/main.ts')
/** Longer than a server gives itself. */
const stopWithinMs = 25_000

/** Starts a homeserver as anybody would, with settings in the environment. It ends with this process, however that ends. */
export function startServer(
  server: DemoServer,
  trust: Trust,
  settings: Record<string, string>,
): RunningServer {
  mkdirSync(server.folder, { recursive: true })
  const logFile = join(server.folder, 'kith.log')
  const log = openSync(logFile, 'w')
  const child = spawn(process.execPath, [program], {
    env: { ...plainEnvironment(), ...settingsOf(server, trust), ...settings },
    stdio: ['ignore', 'pipe', log, 'ipc'],
  })
  closeSync(log)
  const ended = once(child, 'exit').then(() => {
    throw new DemoError(`${server.name}: ${lastWords(logFile)}`)
  })
  // It is told to whoever waits for it.
  ended.catch(() => {})
  return {
    pid: child.pid ?? 0,
    answers: Promise.race([untilReady(child), ended]),
    ended,
    stop: () => stop(child),
  }
}

function settingsOf({ name, federationPort, clientPort, folder }: DemoServer, trust: Trust) {
  return {
    KITH_SERVER_NAME: name,
    KITH_LISTEN: `127.0.0.1:${clientPort}`,
    KITH_FEDERATION_LISTEN: `127.0.0.1:${federationPort}`,
    KITH_METRICS_LISTEN: '',
    KITH_DATA_DIR: folder,
    KITH_TLS_CERT: trust.cert,
    KITH_TLS_KEY: trust.key,
    KITH_TLS_CA: trust.ca,
    // The other server is on this machine, and so are all who try it out.
    KITH_ALLOW_PRIVATE_ADDRESSES: 'true',
    KITH_RATE_LIMITS: 'off',
  }
}

/** Without settings that are meant for another Kith. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const isForeign = (name: string) => name.startsWith('KITH_') || name === 'DATABASE_URL'
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name)))
}

/** Only what a server that answers says goes to its standard output. */
async function untilReady(child: ChildProcess): Promise<void> {
  if (child.stdout) await once(child.stdout.resume(), 'data')
}

/** Why it ended: the line that it leaves for whoever started it. */
function lastWords(logFile: string): string {
  const line = readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1) ?? ''
  return line.startsWith('kith: ') ? line.slice('kith: '.length) : `it ended, see ${logFile}`
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
  await exit
  clearTimeout(timer)
}
