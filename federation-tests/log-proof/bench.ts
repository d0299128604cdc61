/**
 * How many rows a second the log takes: `node bench.ts [seconds]`. One process, 64 senders, each waiting for its answer
 * before it sends again; bare rows and rows as rooms write them (event with four indexes, edge, extremities, transaction key).
 * With an old snapshot held open the second figure must stay.
 */
import { randomBytes } from 'node:crypto'
import type { KindDefinition } from '@kith/homeserver/log/kind'
import { BASE } from '@kith/homeserver/log/kind'
import type { Log, Unit } from '@kith/homeserver/log/log'
import { openLog } from '@kith/homeserver/log/open-log'
import { memoryBus } from '@kith/homeserver/platform/bus'
import { type Sql, sql } from '@kith/homeserver/platform/database'
import { scratchDatabase } from '@kith/homeserver/platform/scratch-database'

const SENDERS = 64
const ROOMS = 64
const PDU_BYTES = 600
const ROUNDS = 3
const seconds = Number(process.argv[2] ?? 10)

const tables: Sql = sql`
  create table bench_bare (position bigint primary key, body bytea not null);
  create table bench_events (
    number bigint primary key, event_id bytea not null unique, room bigint not null, position bigint not null,
    slot integer not null default 0, sender bigint not null, origin_server_ts bigint not null, depth bigint not null,
    pdu bytea not null, unique (room, position, slot));
  create index on bench_events (sender, position);
  create table bench_edges (event bigint not null, prev_event bigint not null, primary key (prev_event, event));
  create table bench_extremities (room bigint not null, event bigint not null, primary key (room, event))`

const bare: KindDefinition<Buffer> = {
  kind: 1,
  name: 'bare',
  bytes: (body) => body.length,
  statements: (rows) => [
    sql`insert into bench_bare (position, body) select ${BASE} + "offset", body
      from unnest(${rows.map(({ offset }) => offset)}::bigint[], ${rows.map(({ payload }) => payload)}::bytea[])
        as t("offset", body)`,
  ],
}

interface Message {
  number: number
  previous: number
  id: Buffer
  room: number
  sender: number
  pdu: Buffer
}

const message: KindDefinition<Message> = {
  kind: 2,
  name: 'message',
  bytes: ({ pdu }) => pdu.length,
  statements(rows) {
    const payloads = rows.map(({ payload }) => payload)
    const numbers = payloads.map(({ number }) => number)
    const previous = payloads.map((payload) => payload.previous)
    const rooms = payloads.map(({ room }) => room)
    return [
      sql`insert into bench_events (number, event_id, room, position, sender, origin_server_ts, depth, pdu)
        select number, event_id, room, ${BASE} + "offset", sender, 1700000000000, number, pdu
        from unnest(${numbers}::bigint[], ${payloads.map(({ id }) => id)}::bytea[], ${rooms}::bigint[],
          ${rows.map(({ offset }) => offset)}::bigint[], ${payloads.map(({ sender }) => sender)}::bigint[],
          ${payloads.map(({ pdu }) => pdu)}::bytea[]) as t(number, event_id, room, "offset", sender, pdu)`,
      sql`insert into bench_edges (event, prev_event) select * from unnest(${numbers}::bigint[], ${previous}::bigint[])`,
      sql`insert into bench_extremities (room, event) select * from unnest(${rooms}::bigint[], ${numbers}::bigint[])`,
      sql`delete from bench_extremities using unnest(${rooms}::bigint[], ${previous}::bigint[]) as t(room, event)
        where bench_extremities.room = t.room and bench_extremities.event = t.event`,
    ]
  },
}

const body = Buffer.alloc(PDU_BYTES, 'x')
let number = 0
const lastOf = new Map<number, number>()

function bareUnit(): Unit {
  return { transactionKeys: [], changes: [{ kind: bare.kind, payload: body }] }
}

function messageUnit(sender: number): Unit {
  const room = sender % ROOMS
  const previous = lastOf.get(room) ?? 0
  lastOf.set(room, ++number)
  const payload: Message = { number, previous, id: randomBytes(32), room, sender, pdu: body }
  return {
    room: { number: room, stateVersion: 0 },
    transactionKeys: [{ key: `${sender}/device/${number}`, result: String(number) }],
    changes: [{ kind: message.kind, room, relay: 'all', payload }],
  }
}

async function measure(name: string, log: Log, unit: (sender: number) => Unit): Promise<void> {
  const waits: number[] = []
  const end = performance.now() + seconds * 1000
  const cpu = process.cpuUsage()
  const send = async (sender: number) => {
    while (performance.now() < end) {
      const begin = performance.now()
      await log.commit(unit(sender))
      waits.push(performance.now() - begin)
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, (_, sender) => send(sender)))
  const used = process.cpuUsage(cpu)
  waits.sort((a, b) => a - b)
  const at = (part: number) => waits[Math.floor(waits.length * part)]?.toFixed(1)
  const rate = Math.round(waits.length / seconds)
  const perUnit = Math.round((used.user + used.system) / waits.length)
  console.log(`${name}: ${rate}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${perUnit} us of JavaScript each`)
}

await using database = await scratchDatabase()
const client = await database.connect()
await client.query(tables.text)
await client.query('checkpoint')
const log = await openLog({ database, bus: memoryBus(), report: console.error })
log.register(bare)
log.register(message)
await measure('bare rows', log, bareUnit)
for (let round = 1; round <= ROUNDS; round++) {
  await measure('messages', log, messageUnit)
  await client.query('begin isolation level repeatable read')
  await client.query('select count(*) from log')
  await measure('messages, old snapshot open', log, messageUnit)
  await client.query('rollback')
}
await client.end()
await log.stop()
