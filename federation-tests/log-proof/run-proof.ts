/**
 * One run: three processes write to one log for some seconds while everything goes wrong that can; then all is let come to rest, and what
 * everybody saw is gathered. The course is drawn from the seed; the operating system's timing is not.
 */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, many, one, type Sql, sql } from '@kith/homeserver/platform/database'
import { scratchDatabase } from '@kith/homeserver/platform/scratch-database'
import type { CheckName } from './checks.ts'
import type { Evidence } from './evidence.ts'
import { LONGEST_DELAY_MS, type Spoil, type Spoiler, startProxy } from './proxy.ts'
import { type Random, seeded } from './random.ts'
import { LONGEST_FREEZE_MS, LONGEST_WAIT_MS, toyTables } from './toy.ts'
import { answersOf, type Fleet, startFleet, tailOf } from './workers.ts'

export interface ProofOptions {
  seed: number
  seconds: number
  /** A fault of the log itself, to see the checks fail. */
  plant?: Plant
}

export interface Plant {
  /** The check that must find it. */
  foundBy: CheckName
  /** What may go wrong besides; without it everything. */
  misfortunes?: [Misfortune, ...Misfortune[]]
  acknowledgeEarly?: boolean
  /** Hints that leave a row out. */
  hollowHints?: boolean
  /** Other functions than the migration's. */
  functions?: Sql
}

type Misfortune = 'kill' | 'freeze' | 'terminate' | 'bus' | Spoil

const SPOILS: Spoil[] = ['before', 'after', 'unanswered', 'late', 'stalled']
const ALL: [Misfortune, ...Misfortune[]] = ['kill', 'freeze', 'freeze', 'terminate', 'bus', ...SPOILS]

const PROCESSES = 3
const LOST_HINTS = 0.1

export async function runProof({ seed, seconds, plant }: ProofOptions): Promise<Evidence> {
  const random = seeded(seed)
  await using database = await scratchDatabase()
  await database.query(toyTables)
  if (plant?.functions) await database.query(plant.functions)
  await using proxy = await startProxy(database.url)
  const directory = await mkdtemp(path.join(tmpdir(), 'kith-log-proof-'))
  await using snapshot = await openSnapshot(database)
  const bus = lossyBus(seeded(seed + 1_000_000), plant?.hollowHints ?? false)
  const acknowledgeEarly = plant?.acknowledgeEarly ?? false
  const fleet = await startFleet(PROCESSES, {
    directory,
    url: proxy.url,
    seed,
    acknowledgeEarly,
    lose: bus.lose,
  })
  const reader = startReader(database)
  const misfortunes: string[] = []
  try {
    const end = performance.now() + seconds * 1000
    while (performance.now() < end) {
      await sleep(random.between(100, 700))
      misfortunes.push(
        await misfortune(random.pick(plant?.misfortunes ?? ALL), { random, fleet, proxy, database }),
      )
    }
    const unanswered = await comeToRest(fleet, bus, database)
    return await gather({ fleet, database, unanswered, appearances: await reader.stop(), misfortunes })
  } finally {
    for (const { child } of fleet.started) child.kill('SIGKILL')
    await snapshot.end()
    await rm(directory, { recursive: true, force: true })
  }
}

/** A reader that began before everything and never ends: nothing can be cleaned up meanwhile. */
async function openSnapshot(database: Database) {
  const client = await database.connect()
  await client.query('begin isolation level repeatable read')
  await client.query('select count(*) from log')
  const end = () => client.end()
  return { end, [Symbol.asyncDispose]: end }
}

function lossyBus(random: Random, hollow: boolean) {
  let loss = LOST_HINTS
  return {
    lose(message: string): string | undefined {
      if (random.next() < loss) return undefined
      if (!hollow) return message
      const [base, rows] = JSON.parse(message)
      return JSON.stringify([base, rows?.length > 2 ? rows.toSpliced(1, 1) : rows])
    },
    loseAll() {
      loss = 1
    },
  }
}

interface Scene {
  random: Random
  fleet: Fleet
  proxy: Spoiler
  database: Database
}

/** @returns its name */
async function misfortune(kind: Misfortune, { random, fleet, proxy, database }: Scene): Promise<string> {
  const [first, ...rest] = fleet.alive()
  if (first === undefined) throw new Error('no process is left')
  const victim = random.pick([first, ...rest])
  switch (kind) {
    case 'kill':
      await fleet.replace(victim)
      break
    case 'freeze':
      victim.child.kill('SIGSTOP')
      setTimeout(() => victim.child.kill('SIGCONT'), random.between(50, LONGEST_FREEZE_MS))
      break
    case 'terminate':
      await terminateSome(database, random)
      break
    case 'bus':
      fleet.tell({ busUp: random.next() < 0.5 })
      break
    default:
      proxy.arm(kind)
  }
  return kind
}

async function terminateSome(database: Database, random: Random): Promise<void> {
  await many(
    database,
    sql`select pg_terminate_backend(pid) from (
      select pid from pg_stat_activity
      where datname = current_database() and query ~ 'commit|log' and pid <> pg_backend_pid()
        and backend_type = 'client backend' and backend_xmin is null
      order by md5(pid::text || ${random.next()}::text) limit 2)`,
  )
}

/** @returns how many senders were never answered */
async function comeToRest(fleet: Fleet, bus: { loseAll(): void }, database: Database): Promise<number> {
  const limit = sleep(LONGEST_WAIT_MS + LONGEST_FREEZE_MS, undefined, { ref: false })
  bus.loseAll()
  fleet.tell({ stopSending: true, busUp: true })
  const quiet = fleet.alive().map(({ quiet }) => Promise.race([quiet, limit.then(() => 1)]))
  const unanswered = (await Promise.all(quiet)).reduce((sum, count) => sum + count, 0)
  // A killed process's last transaction may be held up yet.
  await sleep(LONGEST_DELAY_MS)
  const { head } = await one<{ head: number }>(
    database,
    sql`select coalesce(max(position), 0) as head from log`,
  )
  const exits = fleet.alive().map(({ child }) => child.exitCode ?? once(child, 'exit'))
  fleet.tell({ finish: head })
  await Promise.race([Promise.all(exits), limit])
  return unanswered
}

/** Looks at the newest rows again and again. */
function startReader(database: Database) {
  const appearances: number[][] = []
  let stopped = false
  const look = async () => {
    const seen = new Set<number>()
    let head = 0
    while (!stopped) {
      // Its connection may be among those that are cut.
      const rows = await many<{ position: number }>(
        database,
        sql`select position from log where position > ${head - 1500} order by position`,
      ).catch(() => [])
      const fresh = rows.map(({ position }) => position).filter((position) => !seen.has(position))
      for (const position of fresh) seen.add(position)
      head = Math.max(head, ...fresh)
      if (fresh.length > 0) appearances.push(fresh)
      await sleep(10)
    }
  }
  const done = look()
  return {
    async stop() {
      stopped = true
      await done
      return appearances
    },
  }
}

type Gathered = Pick<Evidence, 'unanswered' | 'appearances' | 'misfortunes'> & {
  fleet: Fleet
  database: Database
}

async function gather({ fleet, database, ...seen }: Gathered): Promise<Evidence> {
  const died = fleet.alive().filter(({ child }) => child.exitCode !== 0)
  if (died.length > 0)
    throw new Error(
      `${died.map(({ options }) => options.name)} ended badly: ${died.map(({ child }) => child.exitCode ?? child.signalCode)}`,
    )
  return {
    answers: (await Promise.all(fleet.started.map(answersOf))).flat(),
    tails: await Promise.all(fleet.started.map(tailOf)),
    ...seen,
    log: await many(database, sql`select position, room from log order by position`),
    toys: await many(database, sql`select position, token from toys order by position`),
    keys: await many(database, sql`select key, result from transaction_keys`),
    states: await many(database, sql`select room, version, position from room_states order by room, version`),
  }
}
