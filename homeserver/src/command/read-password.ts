import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { StartError } from '../platform/start-error.ts'

const [ctrlC, ctrlD, backspace] = ['\x03', '\x04', '\x7f']

/** Asks twice at a terminal, without showing what is typed; else takes the first line of standard input. */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return firstLine()
  const password = await ask('Password: ')
  if ((await ask('Again: ')) !== password) throw new StartError('the two passwords differ')
  return password
}

async function firstLine(): Promise<string> {
  const lines = createInterface(process.stdin)
  const [line] = await Promise.race([once(lines, 'line'), once(lines, 'close')])
  lines.close()
  if (typeof line !== 'string') throw new StartError('no password came on standard input')
  return line
}

async function ask(question: string): Promise<string> {
  process.stderr.write(question)
  process.stdin.setRawMode(true)
  let typed = ''
  try {
    for (;;) {
      const [chunk] = await once(process.stdin, 'data')
      for (const character of String(chunk)) {
        if (character === '\r' || character === '\n') return typed
        if (character === ctrlC || character === ctrlD) throw new StartError('no password was given')
        typed = character === backspace ? typed.slice(0, -1) : typed + character
      }
    }
  } finally {
    process.stdin.setRawMode(false)
    process.stdin.pause()
    process.stderr.write('\n')
  }
}
