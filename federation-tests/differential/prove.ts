// `npm run prove [-- VERSION …]`: what spec/ makes of generated events and rooms, beside Synapse's own code. Prints per room
// version how many cases there were, where the two differ and what justifies us, and fails where nothing does.
// KITH_PROVE_SEED plays a run again.

import { randomInt } from 'node:crypto'
import { roomVersions } from '@kith/spec/rooms/room-version'
import { explanations } from './explanations.ts'
import { type Oracle, startOracle } from './oracle.ts'
import { provePartitions } from './partitions.ts'
import { runDags } from './run-dags.ts'
import { type Outcome, runEvents, show } from './run-events.ts'
import { runPush } from './run-push.ts'

const eventCount = Number(process.env.KITH_PROVE_EVENTS ?? 100_000)
const dagCount = Number(process.env.KITH_PROVE_DAGS ?? 2000)
const courseCount = Number(process.env.KITH_PROVE_COURSES ?? 10_000)
const seed = Number(process.env.KITH_PROVE_SEED ?? randomInt(2 ** 31))
const wanted = process.argv.slice(2)
const versions = wanted.length > 0 ? wanted : [...roomVersions.keys()]

const say = (line: string) => process.stdout.write(`${line}\n`)
const progress = (line: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`)
}

say(`seed ${seed}; KITH_PROVE_SEED=${seed} plays this again`)
await using oracle = startOracle()
const known = await oracle.ask<string[]>('events', 'versions', [null])
for (const version of versions) {
  if (known[0]?.includes(version)) await prove(version, oracle)
  else say(`version ${version}: Synapse does not know it`)
}

if (wanted.length === 0) {
  await provePush()
  proveConvergence()
}

async function provePush(): Promise<void> {
  const begun = Date.now()
  const { cases, notifying, different } = await runPush(oracle, { seed, count: eventCount })
  say(
    `push rules: ${cases} events, ${notifying} of which notify, ${different.length} unexplained, ` +
      `${((Date.now() - begun) / 60_000).toFixed(1)} minutes`,
  )
  for (const disagreement of different.slice(0, 5)) say(`\nUNEXPLAINED: ${JSON.stringify(disagreement)}\n`)
  if (different.length > 0) process.exitCode = 1
}

function proveConvergence(): void {
  const begun = Date.now()
  const found = provePartitions(seed, courseCount)
  const minutes = ((Date.now() - begun) / 60_000).toFixed(1)
  say(`four servers with partitions: ${courseCount} courses over all versions, ${minutes} minutes`)
  if (found === undefined) return
  say(`\nTHE SERVERS DIFFER: ${found}\n`)
  process.exitCode = 1
}

async function prove(version: string, oracle: Oracle): Promise<void> {
  const begun = Date.now()
  const progressOf = (of: number, what: string) => (done: number) =>
    progress(`version ${version}: ${done} of ${of} ${what}`)
  const run = { version, seed, oracle }
  const events = await runEvents({ ...run, count: eventCount, onProgress: progressOf(eventCount, 'events') })
  const rooms = await runDags({ ...run, count: dagCount, onProgress: progressOf(dagCount, 'rooms') })
  progress('')
  say(
    `version ${version}: ${events.cases} events, ${events.verdicts.get('accepted') ?? 0} of them accepted; ` +
      `${rooms.dags} rooms that fork, ${rooms.conflicts} conflicts; ` +
      `${events.unexplained.length + rooms.unexplained.length} unexplained; ` +
      `${((Date.now() - begun) / 60_000).toFixed(1)} minutes`,
  )
  report(events)
  for (const disagreement of rooms.unexplained) fail(disagreement)
}

function fail(disagreement: string): void {
  say(`\nUNEXPLAINED: ${disagreement}\n`)
  process.exitCode = 1
}

function report({ explained, unexplained }: Outcome): void {
  for (const { name, paragraph } of explanations) {
    const times = explained.get(name)
    if (times !== undefined) say(`  ${String(times).padStart(6)}  ${name}\n          (${paragraph})`)
  }
  for (const disagreement of unexplained) fail(show(disagreement))
}
