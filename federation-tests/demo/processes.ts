import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DemoError } from './demo-error.ts'

interface Processes {
  demo: number
  servers: number[]
}

/** A demo that was killed takes its servers along, but they need a moment. */
const patienceMs = 5000
const pollMs = 50

const fileIn = (folder: string) => join(folder, 'processes.json')

/** Waits for what is left of a demo that did not end cleanly. @throws DemoError when one is running */
export async function waitForPredecessor(folder: string): Promise<void> {
  const before = read(fileIn(folder))
  if (!before) return
  const deadline = Date.now() + patienceMs
  while ([before.demo, ...before.servers].some(isRunning)) {
    if (Date.now() > deadline) {
      throw new DemoError(`the demo is running already (${fileIn(folder)} names its processes)`)
    }
    await delay(pollMs)
  }
}

export function recordProcesses(folder: string, servers: number[]): void {
  writeFileSync(fileIn(folder), JSON.stringify({ demo: process.pid, servers } satisfies Processes))
}

export function forgetProcesses(folder: string): void {
  rmSync(fileIn(folder), { force: true })
}

function read(file: string): Processes | undefined {
  if (!existsSync(file)) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // It was being written.
    return undefined
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
