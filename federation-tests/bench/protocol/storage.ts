// What a change of membership costs on disk. Rooms are filled by single joins, by the path that a client's join takes
// after HTTP; what the tables and their indexes have grown by, after VACUUM, is divided by the joins. What it prints
// last on standard output is a table; --members N, which may be given several times, names the sizes of the rooms.
import { parseArgs } from 'node:util'
import { loadConfig } from '@kith/homeserver/config'
import { shardCount } from '@kith/homeserver/domain/federation/egress/shards'
import type { Homeserver } from '@kith/homeserver/domain/homeserver'
import { openHomeserver } from '@kith/homeserver/domain/open-homeserver'
import { createRoom } from '@kith/homeserver/domain/rooms/create'
import { writeMember } from '@kith/homeserver/domain/rooms/membership'
import { ensureShards, renewLease, takeShards } from '@kith/homeserver/log/lease-rows'
import { systemClock } from '@kith/homeserver/platform/clock'
import { signingKeyFromSeed } from '@kith/homeserver/platform/crypto'
import { type Database, openDatabase } from '@kith/homeserver/platform/database'
import { openLogger } from '@kith/homeserver/platform/logger'
import { migrate } from '@kith/homeserver/platform/migrations'
import { stateKeyNameOf } from '@kith/homeserver/storage/interning'
import { createDatabase } from '../../harness/databases.ts'
import { startPostgres } from '../postgres.ts'
import { grown, type Sizes, sizesOf, type Weighed, weights } from './table-sizes.ts'

const domain = 'bench.test'
const migrations = new URL('../../../homeserver/src/storage/migrations', import.meta.url).pathname
/** Joins that wait for their commit at once, so that commits are shared. */
const joinsAtOnce = 500
/** Numbers as on a server that has been running for a while: small ones would take fewer bytes than they will. */
const firstNumber = 100_000_000

const { values: options } = parseArgs({
  options: { members: { type: 'string', multiple: true, default: ['10000', '100000'] } },
})

await using resources = new AsyncDisposableStack()
const postgres = await startPostgres(resources)
const columns: { members: number; perJoin: Weighed }[] = []
for (const members of options.members.map(Number)) {
  columns.push({ members, perJoin: weights(await measure(members), members) })
}
process.stdout.write(`\n${table()}\n`)

async function measure(members: number): Promise<Sizes> {
  await using scope = new AsyncDisposableStack()
  const { url } = scope.use(await createDatabase('storage', postgres))
  const database = await openDatabase({ url })
  scope.defer(() => database.close())
  await migrate(database, migrations)
  for (const sequence of ['event_numbers', 'state_node_numbers']) {
    await database.query({ text: `alter sequence ${sequence} restart with ${firstNumber}`, values: [] })
  }
  await holdEgress(database)
  const { server, stop } = await openHomeserver({
    config: { ...loadConfig({}, []), serverName: domain, rateLimits: false },
    database,
    clock: systemClock,
    logger: openLogger('warn'),
    domains: [{ name: domain, key: signingKeyFromSeed('ed25519:bench', Buffer.alloc(32, 1)), oldKeys: [] }],
  })
  scope.defer(stop)
  const userId = `@creator:${domain}`
  const creator = { userId, user: await server.interning.users.number(database, userId) }
  const roomId = await createRoom(server, creator, { preset: 'public_chat', name: 'All of us' })
  const before = await sizesOf(database)
  const began = performance.now()
  await fill(server, roomId, members)
  const seconds = (performance.now() - began) / 1000
  process.stderr.write(`${members} joins in ${seconds.toFixed(0)} s: ${(members / seconds).toFixed(0)}/s\n`)
  return grown(before, await sizesOf(database))
}

/** As if another process did the sending: there is nobody to send to, and it isn't what is measured. */
async function holdEgress(database: Database): Promise<void> {
  const egress = { kind: 'egress', shards: shardCount, holder: 1 }
  await ensureShards(database, { ...egress, from: 'start' })
  await renewLease(database, { ...egress, kinds: ['egress'], leaseMs: 86_400_000 })
  await takeShards(database, { ...egress, most: shardCount })
}

/** As many joins, each an event of its own. Names are numbered ahead: else each join waits for its own to be written. */
async function fill(server: Homeserver, roomId: string, members: number): Promise<void> {
  const { interning, database } = server
  for (let first = 0; first < members; first += joinsAtOnce) {
    const count = Math.min(joinsAtOnce, members - first)
    const userIds = Array.from({ length: count }, (_, at) => `@someone.${first + at}:${domain}`)
    const users = await interning.users.numbers(database, userIds)
    await interning.stateKeys.numbers(
      database,
      userIds.map((userId) => stateKeyNameOf('m.room.member', userId)),
    )
    await Promise.all(
      userIds.map((target, at) => {
        const content = { displayname: `Someone ${first + at}` }
        const join = { roomId, target, membership: 'join', content, keepsContent: true } as const
        return writeMember(server, { userId: target, user: users[at] as number }, join)
      }),
    )
  }
}

function table(): string {
  const names = [...new Set(columns.flatMap(({ perJoin }) => [...perJoin.keys()]))]
  const head = ['bytes per join', ...columns.map(({ members }) => `${members} members`)]
  const rows = names.map((name) => [
    name,
    ...columns.map(({ perJoin }) => (perJoin.get(name) ?? 0).toFixed(0)),
  ])
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all
    .map((row) =>
      row
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join('  '),
    )
    .join('\n')
}
