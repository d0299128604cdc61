import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { peerPython } from '../harness/peers.ts'

/** Synapse's own code in a process of its own, to compare with. */
export interface Oracle {
  readonly pid: number | undefined
  /**
   * The answers of an operation of `oracle/AREA.py`, one per item and in their order. Questions are answered in turn.
   *
   * Rejects with the Python traceback when the operation raises, and when the process ends.
   */
  ask<Answer>(area: string, operation: string, items: readonly unknown[]): Promise<Answer[]>
  [Symbol.asyncDispose](): Promise<void>
}

interface Waiting {
  resolve(answers: unknown[]): void
  reject(error: Error): void
}

interface Reply {
  id: number
  answers?: unknown[]
  error?: string
}

const longestNoiseBytes = 8192

/** Starts the process; throws with what to do when the peers are not installed. */
export function startOracle(): Oracle {
  const python = spawn(peerPython(), [join(import.meta.dirname, 'oracle/main.py')], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const waiting = new Map<number, Waiting>()
  let ended: Error | undefined
  const noise = noiseOf(python)
  createInterface({ input: python.stdout }).on('line', (line) => settle(waiting, JSON.parse(line)))
  const end = (how: string) => {
    ended ??= new Error(`The oracle ${how}\n${noise()}`)
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  }
  python.once('error', ({ message }) => end(`did not start: ${message}`))
  python.once('close', (code, signal) => end(`ended with ${code ?? signal}`))
  python.stdin.on('error', () => {}) // 'close' tells what happened
  let last = 0
  return {
    pid: python.pid,
    ask<Answer>(area: string, operation: string, items: readonly unknown[]) {
      if (ended) return Promise.reject(ended)
      const id = ++last
      python.stdin.write(`${JSON.stringify({ id, area, operation, items })}\n`)
      return new Promise<unknown[]>((resolve, reject) => waiting.set(id, { resolve, reject })) as Promise<
        Answer[]
      >
    },
    async [Symbol.asyncDispose]() {
      if (ended) return
      const closed = once(python, 'close')
      python.kill('SIGKILL')
      await closed
    },
  }
}

function settle(waiting: Map<number, Waiting>, { id, answers, error }: Reply): void {
  const question = waiting.get(id)
  waiting.delete(id)
  if (answers) question?.resolve(answers)
  else question?.reject(new Error(`The oracle failed\n${error}`))
}

/** The end of what the process writes to its standard error. */
function noiseOf(python: ChildProcess): () => string {
  let text = ''
  python.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-longestNoiseBytes)
  })
  return () => text
}
