/**
 * One process of the proof: a log with 64 senders over a hot room and cold ones. It writes what its senders were told, and what its
 * tail told it, to files, synchronously, so that nothing it knew is lost with it.
 *
 * Argument: a WorkerOptions as JSON. Message `{ finish: head }`: stop sending, see the tail to that head, exit.
 */
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log, Unit } from '@kith/homeserver/log/log'
import { openLog } from '@kith/homeserver/log/open-log'
import { type Database, one, openDatabase, sql } from '@kith/homeserver/platform/database'
import type { Answer } from './evidence.ts'
import { processBus } from './process-bus.ts'
import { type Random, seeded } from './random.ts'
import { proofLimits, toy } from './toy.ts'

export interface WorkerOptions {
  name: string
  url: string
  seed: number
  answers: string
  tail: string
  /** Planted: answers "committed" before the commit, as a server would that does not wait. */
  acknowledgeEarly: boolean
}

const SENDERS = 64
const COLD_ROOMS = 40
const HOT_ROOM = 1
const LONGEST_THOUGHT_MS = 120
const SHARED_KEYS = 4000
/** After the head was told: longer than the pause between two looks at the head, for hints are lost by then. */
const CATCH_UP_MS = 2500

const options: WorkerOptions = JSON.parse(process.argv[2] ?? '')
const versions = new Map<number, number>()
let finishing = false
let asked = 0

/** Opening may come upon a cut connection; a server would be started again too. */
async function opened(): Promise<{ database: Database; log: Log }> {
  for (let attempt = 1; ; attempt++) {
    try {
      const database = await openDatabase({ url: options.url })
      const log = await openLog({ database, bus: processBus(), limits: proofLimits })
      return { database, log }
    } catch (error) {
      if (attempt === 5) throw error
    }
  }
}

function record(answer: Answer): void {
  appendFileSync(options.answers, `${JSON.stringify(answer)}\n`)
}

interface Attempt {
  token: string
  unit: Unit
  movesState: boolean
  poisoned: boolean
}

function invent(random: Random, token: string): Attempt {
  const poisoned = random.next() < 0.01
  const number = random.next() < 0.6 ? HOT_ROOM : random.between(2, 2 + COLD_ROOMS)
  const movesState = random.next() < (number === HOT_ROOM ? 0.002 : 0.02)
  const stateVersion = versions.get(number) ?? 0
  const keys = random.next()
  const key =
    keys < 0.1 ? `own/${token}` : keys < 0.15 ? `shared/${random.between(0, SHARED_KEYS)}` : undefined
  const changes = random.next() < 0.1 ? 2 : 1
  // In the hot room senders are strangers; in the cold ones each builds on what is waiting.
  const chain = number === HOT_ROOM ? { chain: {} } : {}
  const next = movesState ? { next: { root: 1 } } : {}
  return {
    token,
    movesState,
    poisoned,
    unit: {
      room: { number, stateVersion, ...next, ...chain },
      transactionKeys: key === undefined ? [] : [{ key, result: token }],
      changes: Array.from({ length: changes }, (_, index) => {
        return { kind: toy.kind, room: number, payload: { token: `${token}#${index}`, poisoned } }
      }),
    },
  }
}

async function ask(log: Log, { token, unit, movesState, poisoned }: Attempt): Promise<Answer> {
  const { room } = unit
  const key = unit.transactionKeys[0]?.key
  const told = { token, key, room: room?.number, stateVersion: room?.stateVersion, movesState, poisoned }
  const begin = performance.now()
  const answered = (answer: Partial<Answer>): Answer => {
    return { ...told, answer: 'committed', waitedMs: Math.round(performance.now() - begin), ...answer }
  }
  if (options.acknowledgeEarly) record(answered({}))
  asked++
  try {
    return answered(await log.commit(unit))
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return answered({ answer: error.name, ...('result' in error && { result: String(error.result) }) })
  } finally {
    asked--
  }
}

async function send(database: Database, log: Log, sender: number): Promise<void> {
  const random = seeded(options.seed * 1000 + sender)
  for (let n = 0; !finishing; n++) {
    await sleep(random.between(0, LONGEST_THOUGHT_MS))
    const attempt = invent(random, `${options.name}/${sender}/${n}`)
    const { number, stateVersion } = attempt.unit.room ?? { number: 0, stateVersion: 0 }
    let answer = await ask(log, attempt)
    record(answer)
    if (attempt.unit.transactionKeys.length > 0 && ['Busy', 'Unsettled'].includes(answer.answer)) {
      answer = await ask(log, attempt)
      record(answer)
    }
    if (answer.answer === 'committed' && attempt.movesState) learn(number, stateVersion + 1)
    if (answer.answer === 'Stale') await lookUp(database, number)
  }
}

function learn(room: number, version: number): void {
  versions.set(room, Math.max(version, versions.get(room) ?? 0))
}

async function lookUp(database: Database, room: number): Promise<void> {
  const found = one<{ version: number }>(
    database,
    sql`select coalesce(max(version), 0) as version from room_states where room = ${room}`,
  )
  const { version } = await found.catch(() => ({ version: 0 }))
  learn(room, version)
}

const { database, log } = await opened()
log.register(toy)
appendFileSync(options.tail, `${log.tail.head}\n`)
log.tail.subscribe((rows) => {
  appendFileSync(options.tail, `${rows.map(({ position }) => position).join(' ')}\n`)
})
const finish = new Promise<number>((resolve) => {
  process.on('message', (message: { finish?: number; stopSending?: boolean }) => {
    if (message.stopSending) finishing = true
    if (message.finish !== undefined) resolve(message.finish)
  })
})
process.send?.({ ready: true })
await Promise.all(Array.from({ length: SENDERS }, (_, sender) => send(database, log, sender)))
process.send?.({ quiet: true, unanswered: asked })
const head = await finish
await log.tail.reached(head, AbortSignal.timeout(CATCH_UP_MS)).catch(() => {})
await log.stop()
await database.close()
process.disconnect?.()
