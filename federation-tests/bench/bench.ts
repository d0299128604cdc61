// `npm run bench [-- OPTIONS]`: durable sends per second, Kith beside Synapse. What it prints last on standard output is a table;
// --json FILE writes every run too.
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { createAuthority } from '../harness/certificates.ts'
import { createDatabase } from '../harness/databases.ts'
import { createKith } from '../harness/kith.ts'
import type { ServerKind } from '../harness/server.ts'
import { createSynapse } from '../harness/synapse.ts'
import { type Contestant, prepare } from './contestant.ts'
import { holdSnapshot } from './old-snapshot.ts'
import type { Measurement } from './plan.ts'
import { startPostgres } from './postgres.ts'
import { compare, type Run, type Scenario, type Subject, table } from './report.ts'
import { runGenerator } from './run-generator.ts'

const textBytes = 600
const scenarios: Scenario[] = ['over many rooms', 'in one room']

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    senders: { type: 'string', default: '64' },
    /** Seconds measured per run, and before it. */
    seconds: { type: 'string', default: '12' },
    'warm-up': { type: 'string', default: '3' },
    /** Seconds of load under a snapshot before it counts as old. 0: leave that part out. */
    churn: { type: 'string', default: '20' },
    only: { type: 'string', multiple: true },
    json: { type: 'string' },
  },
})

await using resources = new AsyncDisposableStack()
const kinds = (options.only ?? ['kith', 'synapse']) as ServerKind[]
const postgres = await startPostgres(resources)
const contestants = new Map<ServerKind, Contestant>()
for (const kind of kinds) contestants.set(kind, await startContestant(kind))
const runs: Run[] = []
for (let round = 1; round <= Number(options.rounds); round += 1) await measureRound(round)
await finish()

/** Its own database on the common PostgreSQL; logging and limits off in both. */
async function startContestant(kind: ServerKind): Promise<Contestant> {
  say(`starting ${kind} …`)
  const authority = await createAuthority()
  const { url: databaseUrl } = resources.use(await createDatabase(kind, postgres))
  const common = { authority, databaseUrl }
  const server = resources.use(
    kind === 'kith'
      ? await createKith({ ...common, env: { KITH_LOG_LEVEL: 'warn' } })
      : await createSynapse(common),
  )
  await server.start()
  return await prepare(server, databaseUrl, Number(options.senders))
}

/** All of one scenario lie close together in time: whatever else the machine does, it does to all of them. */
async function measureRound(round: number): Promise<void> {
  for (const scenario of scenarios) {
    await measureOldSnapshot(round, scenario)
    for (const [kind, contestant] of contestants)
      await measure(contestant, { round, scenario, subject: kind })
  }
}

/** What makes a snapshot old is not its hours but what has been replaced since it was taken. */
async function measureOldSnapshot(round: number, scenario: Scenario): Promise<void> {
  const kith = contestants.get('kith')
  const seconds = Number(options.churn)
  if (!kith || seconds === 0) return
  await using _snapshot = await holdSnapshot(kith.databaseUrl)
  await load(kith, scenario, { seconds, warmUp: 0 })
  await measure(kith, { round, scenario, subject: 'kith, old snapshot' })
}

async function measure(
  contestant: Contestant,
  run: { round: number; scenario: Scenario; subject: Subject },
): Promise<void> {
  const [seconds, warmUp] = [Number(options.seconds), Number(options['warm-up'])]
  const result = await load(contestant, run.scenario, { seconds, warmUp })
  runs.push({ ...run, result })
  const failed = result.failed > 0 ? `, ${result.failed} FAILED: ${result.failure}` : ''
  say(`round ${run.round}, ${run.scenario}, ${run.subject}: ${result.perSecond.toFixed(0)}/s${failed}`)
}

function load(
  { server, manyRooms, oneRoom }: Contestant,
  scenario: Scenario,
  { seconds, warmUp }: { seconds: number; warmUp: number },
): Promise<Measurement> {
  const senders = scenario === 'in one room' ? oneRoom : manyRooms
  const times = { warmUpMs: warmUp * 1000, measureMs: seconds * 1000 }
  return runGenerator({ url: server.url, senders, textBytes, ...times })
}

async function finish(): Promise<void> {
  const database = await databaseSettings()
  const machine = { processors: availableParallelism(), node: process.version, database }
  const comparisons = compare(runs)
  process.stdout.write(
    `\nMessages of ${textBytes} bytes, ${options.senders} senders, medians of ${options.rounds} runs of ` +
      `${options.seconds} s on ${machine.processors} processors; ${Object.entries(database).flat().join(' ')}\n\n` +
      `${table(comparisons)}\n`,
  )
  if (options.json) {
    await writeFile(options.json, `${JSON.stringify({ machine, options, comparisons, runs }, null, 2)}\n`)
  }
  if (runs.some(({ result }) => result.failed > 0)) process.exitCode = 1
}

async function databaseSettings(): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: postgres })
  await client.connect()
  const settings: Record<string, string> = {}
  for (const name of ['server_version', 'fsync', 'synchronous_commit']) {
    const { rows } = await client.query(`show ${name}`)
    settings[name] = rows[0][name]
  }
  await client.end()
  return settings
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
