/** `npm run demo`: two servers on this machine, four people, and what they have said. Needs Node 26. */

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { castOf, directory } from './cast.ts'
import { DemoError } from './demo-error.ts'
import { type DemoOptions, readOptions } from './options.ts'
import { forgetProcesses, recordProcesses, waitForPredecessor } from './processes.ts'
import { seed } from './seed.ts'
import { type RunningServer, startServer } from './server-process.ts'
import { demoTrust } from './trust.ts'

const say = (text: string) => process.stdout.write(`${text}\n`)

/** Resolves when somebody wants the demo to end, or whoever started it is gone. */
const stopWish = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) process.on(signal, () => resolve())
})

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  mkdirSync(options.folder, { recursive: true })
  await waitForPredecessor(options.folder)
  const servers: RunningServer[] = []
  try {
    await Promise.race([run(options, servers), stopWish])
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
    if (servers.length > 0) forgetProcesses(options.folder)
  }
}

/** @param running receives the servers as soon as they are to be stopped */
async function run(options: DemoOptions, running: RunningServer[]): Promise<never> {
  const { folder, servers } = options
  const seeded = join(folder, 'seeded')
  const secret = existsSync(seeded) ? '' : randomBytes(32).toString('hex')
  const trust = demoTrust(folder)
  say('Starting two servers …')
  for (const server of servers) {
    running.push(startServer(server, trust, { KITH_REGISTRATION_SHARED_SECRET: secret }))
  }
  recordProcesses(
    folder,
    running.map(({ pid }) => pid),
  )
  await Promise.all(running.map(({ answers }) => answers))
  const cast = castOf(servers)
  const ended = Promise.race(running.map(({ ended }) => ended))
  if (secret !== '') {
    say('Letting four people talk (once) …')
    await Promise.race([seed(cast, secret), ended])
    writeFileSync(seeded, '')
  }
  say(`\n${directory(cast)}\n`)
  say(`Everything is kept in ${folder}. Ctrl-C stops both servers.`)
  say('ready')
  return ended
}

try {
  await main()
  process.exit(0)
} catch (error) {
  const reason = error instanceof DemoError ? error.message : error instanceof Error ? error.stack : error
  process.stderr.write(`kith: ${reason}\n`)
  process.exit(1)
}
