import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

export interface ProcessOptions {
  /** What messages call it. */
  label: string
  command: string
  args: readonly string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** Receives standard output and error of every run, appended. */
  logFile: string
  /** Whether it answers; asked again and again until true. A rejection counts as false. */
  isReady: () => Promise<boolean>
  readyWithinMs: number
  stopSignal?: NodeJS.Signals
}

/** A program under test that can be stopped, killed and started again. */
export interface TestProcess {
  readonly pid: number | undefined
  /** Starts it and resolves when it answers; rejects with the end of its log if it exits or stays silent. */
  start(): Promise<void>
  /** Asks it to stop and waits; kills it after 15 s. Harmless when it isn't running. */
  stop(): Promise<void>
  /** SIGKILL: no chance to clean up. Resolves when it is gone. */
  kill(): Promise<void>
  signal(signal: NodeJS.Signals): void
}

const readyPollMs = 40
const stopWithinMs = 15_000
const running = new Set<ChildProcess>()

// A test that is interrupted must not leave servers behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export function testProcess(options: ProcessOptions): TestProcess {
  let child: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals) => {
    if (!child) return
    await endProcess(child, signal)
    child = undefined
  }
  return {
    get pid() {
      return child?.pid
    },
    async start() {
      if (child && !hasEnded(child)) throw new Error(`${options.label} is already running`)
      child = await launch(options)
      await untilReady(child, options)
    },
    stop: () => end(options.stopSignal ?? 'SIGTERM'),
    kill: () => end('SIGKILL'),
    signal: (signal) => void child?.kill(signal),
  }
}

async function launch(options: ProcessOptions): Promise<ChildProcess> {
  const log = await open(options.logFile, 'a')
  try {
    const child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', log.fd, log.fd],
    })
    await once(child, 'spawn')
    running.add(child)
    child.once('exit', () => running.delete(child))
    return child
  } finally {
    await log.close()
  }
}

async function untilReady(child: ChildProcess, options: ProcessOptions): Promise<void> {
  const deadline = Date.now() + options.readyWithinMs
  while (!(await options.isReady().catch(() => false))) {
    if (hasEnded(child)) {
      throw new Error(
        `${options.label} ended with ${child.exitCode ?? child.signalCode}:\n${await tail(options)}`,
      )
    }
    if (Date.now() > deadline) {
      await endProcess(child, 'SIGKILL')
      throw new Error(
        `${options.label} was not ready in ${options.readyWithinMs} ms:\n${await tail(options)}`,
      )
    }
    await delay(readyPollMs)
  }
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return
  const exit = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
  await exit
  clearTimeout(timer)
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function tail(options: ProcessOptions): Promise<string> {
  const text = await readFile(options.logFile, 'utf8')
  return text.split('\n').slice(-30).join('\n')
}
