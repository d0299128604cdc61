/** The worker processes of a run: started, killed, frozen, started again; and what they leave behind. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Answer, TailStory } from './evidence.ts'
import { relayBus } from './process-bus.ts'
import type { WorkerOptions } from './worker.ts'

export interface Worker {
  options: WorkerOptions
  child: ChildProcess
  /** Senders have stopped; how many had no answer. */
  quiet: Promise<number>
  killed: boolean
}

export interface Fleet {
  readonly started: Worker[]
  /** Those that live, by slot. */
  alive(): Worker[]
  /** Kills one of them and starts another in its place. */
  replace(worker: Worker): Promise<void>
  /** Tells every living one. */
  tell(message: object): void
}

export interface FleetOptions {
  directory: string
  url: string
  seed: number
  acknowledgeEarly: boolean
  lose(message: string): string | undefined
}

export async function startFleet(size: number, options: FleetOptions): Promise<Fleet> {
  const started: Worker[] = []
  const alive = () => started.filter(({ killed }) => !killed)

  async function start(): Promise<void> {
    const name = `p${started.length + 1}`
    const worker = spawn({
      name,
      url: options.url,
      seed: options.seed * 100 + started.length,
      answers: path.join(options.directory, `${name}.answers`),
      tail: path.join(options.directory, `${name}.tail`),
      acknowledgeEarly: options.acknowledgeEarly,
    })
    started.push(worker)
    relayBus(() => alive().map(({ child }) => child), worker.child, options.lose)
    await Promise.race([once(worker.child, 'message'), once(worker.child, 'exit')])
  }

  await Promise.all(Array.from({ length: size }, start))
  return {
    started,
    alive,
    async replace(worker) {
      worker.killed = true
      worker.child.kill('SIGKILL')
      await start()
    },
    tell(message) {
      for (const { child } of alive()) if (child.connected) child.send(message, () => {})
    },
  }
}

function spawn(options: WorkerOptions): Worker {
  const child = fork(path.join(import.meta.dirname, 'worker.ts'), [JSON.stringify(options)])
  const quiet = new Promise<number>((resolve) => {
    child.on('message', (message: { quiet?: boolean; unanswered?: number }) => {
      if (message.quiet) resolve(message.unanswered ?? 0)
    })
  })
  return { options, child, quiet, killed: false }
}

/** A line that a killed process left half written is not evidence. */
async function lines(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
}

export async function answersOf({ options }: Worker): Promise<Answer[]> {
  return (await lines(options.answers)).map((line): Answer => JSON.parse(line))
}

export async function tailOf({ options, killed }: Worker): Promise<TailStory> {
  const [start = '0', ...told] = await lines(options.tail)
  const positions = told.flatMap((line) => line.split(' ').map(Number))
  return { process: options.name, start: Number(start), positions, lived: !killed }
}
