import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { DemoError } from './demo-error.ts'

export interface DemoServer {
  /** The domain in user ids. */
  name: string
  federationPort: number
  clientPort: number
  /** Where the web client and the client API answer. */
  url: string
  folder: string
}

export interface DemoOptions {
  folder: string
  servers: [DemoServer, DemoServer]
}

const usage = 'npm run demo -- [--data-dir FOLDER] [--federation-ports A,B] [--client-ports A,B]'

/** @throws DemoError */
export function readOptions(args: string[]): DemoOptions {
  const values = parse(args)
  const folder = resolve(values['data-dir'])
  const federation = twoPorts(values['federation-ports'])
  const client = twoPorts(values['client-ports'])
  const server = (index: 0 | 1): DemoServer => ({
    name: `localhost:${federation[index]}`,
    federationPort: federation[index],
    clientPort: client[index],
    url: `http://127.0.0.1:${client[index]}`,
    folder: join(folder, `localhost-${federation[index]}`),
  })
  return { folder, servers: [server(0), server(1)] }
}

function parse(args: string[]) {
  try {
    const string = (value: string) => ({ type: 'string' as const, default: value })
    const options = {
      'data-dir': string('data/demo'),
      'federation-ports': string('18448,28448'),
      'client-ports': string('18008,28008'),
    }
    return parseArgs({ args, options }).values
  } catch {
    throw new DemoError(usage)
  }
}

function twoPorts(text: string): [number, number] {
  const [one, other] = /^(\d{1,5}),(\d{1,5})$/.exec(text)?.slice(1).map(Number) ?? []
  if (!one || !other || one === other || Math.max(one, other) > 65_535) throw new DemoError(usage)
  return [one, other]
}
