import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Access, call, MatrixFailure } from '../harness/client-api.ts'
import { freePort } from '../harness/ports.ts'
import type { ClientEvent, SyncResponse } from '../harness/room-view.ts'
import { accepts, temporaryDirectory } from '../harness/server.ts'
import { messages } from '../harness/synced-rooms.ts'
import { groupLines } from './lines.ts'

const script = join(import.meta.dirname, '../../scripts/demo.mjs')
/** The first time, the client may have to be built. */
const readyWithinMs = 120_000

interface Place {
  folder: string
  federationPorts: [number, number]
  clientPorts: [number, number]
}

interface Demo {
  child: ChildProcess
  /** Standard output and error up to now. */
  output(): string
  /** Waits until it has said this. */
  says(pattern: RegExp): Promise<void>
  /** Signals everything, as a terminal does; resolves to the exit code when all of it has ended. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>
  ended: Promise<number | NodeJS.Signals>
}

async function demoPlace(): Promise<AsyncDisposable & Place> {
  const directory = await temporaryDirectory('demo')
  return {
    folder: join(directory.path, 'demo'),
    federationPorts: [await freePort(), await freePort()],
    clientPorts: [await freePort(), await freePort()],
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  }
}

function startDemo({ folder, federationPorts, clientPorts }: Place): Demo & AsyncDisposable {
  const settings = [
    ['--data-dir', folder],
    ['--federation-ports', federationPorts.join()],
    ['--client-ports', clientPorts.join()],
  ]
  const stdio = ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe']
  const child = spawn(process.execPath, [script, ...settings.flat()], { detached: true, stdio })
  let output = ''
  const take = (chunk: Buffer) => {
    output += chunk
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  // The pipes are closed when the last process of the tree that holds them has ended.
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  const says = async (pattern: RegExp) => {
    const signal = AbortSignal.timeout(readyWithinMs)
    const end = ended.then((code) => assert.fail(`it ended with ${code} and said:\n${output}`))
    while (!pattern.test(output)) await Promise.race([once(child.stdout, 'data', { signal }), end])
  }
  const end = (signal: NodeJS.Signals) => {
    process.kill(-(child.pid ?? assert.fail()), signal)
    return ended
  }
  return {
    child,
    output: () => output,
    says,
    end,
    ended,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await end('SIGTERM')
    },
  }
}

interface Login {
  url: string
  name: string
  password: string
}

/** The logins, as somebody reads them off the table. */
function loginsOf(output: string): Login[] {
  let url = ''
  return [...output.matchAll(/^ {2}(http\S+)? +(\S+) +(\S+) +@\S+:localhost:\d+ +\S/gm)].map(
    ([, address, name = '', password = '']) => {
      url = address ?? url
      return { url, name, password }
    },
  )
}

async function logIn({ url, name, password }: Login): Promise<Access> {
  const identifier = { type: 'm.id.user', user: name }
  const body = { type: 'm.login.password', identifier, password }
  const session = await call<{ access_token: string }>({ url }, { method: 'POST', path: '/v3/login', body })
  return { url, token: session.access_token }
}

const idOf = (event: ClientEvent) => event.event_id

/** The only group somebody is in, with all that was said there, oldest first. */
async function groupOf(access: Access) {
  const { rooms } = await call<SyncResponse>(access, { method: 'GET', path: '/v3/sync' })
  const joined = Object.entries(rooms?.join ?? {})
  const isNamed = ({ state, timeline }: (typeof joined)[number][1]) =>
    [...(state?.events ?? []), ...(timeline?.events ?? [])].some(({ type }) => type === 'm.room.name')
  const [found, ...more] = joined.filter(([, room]) => isNamed(room))
  assert.ok(found && more.length === 0, 'there is one group')
  const [id, { unread_notifications: unread }] = found
  const { chunk } = await messages(access, id, { dir: 'b', limit: 200 })
  const said = chunk.filter(({ type }) => type === 'm.room.message' || type === 'm.reaction').reverse()
  return { id, unread, said, rooms: joined.length }
}

async function bothPages({ clientPorts }: Place): Promise<void> {
  for (const port of clientPorts) {
    const headers = { accept: 'text/html' }
    const response = await fetch(`http://127.0.0.1:${port}/login`, { headers })
    assert.equal(response.status, 200)
    assert.match(await response.text(), /<title>Kith<\/title>/)
  }
}

async function assertNobodyListens({ federationPorts, clientPorts }: Place): Promise<void> {
  for (const port of [...federationPorts, ...clientPorts])
    assert.equal(await accepts('127.0.0.1', port), false)
}

test('the demo shows four people on two servers in one room, stops with Ctrl-C, and goes on where it was', async () => {
  await using place = await demoPlace()
  await using first = startDemo(place)
  await first.says(/^ready$/m)
  await bothPages(place)
  const logins = loginsOf(first.output())
  assert.equal(logins.length, 4, first.output())
  assert.equal(new Set(logins.map(({ url }) => url)).size, 2)
  const people = await Promise.all(logins.map(logIn))
  const seen = await Promise.all(people.map(groupOf))
  for (const { id, said } of seen) {
    assert.equal(id, seen[0]?.id)
    assert.deepEqual(said.map(idOf), seen[0]?.said.map(idOf))
    assert.equal(said.length, groupLines.length)
  }
  assert.deepEqual(
    seen.map(({ rooms }) => rooms),
    [2, 1, 1, 2],
    'two of them also talk alone',
  )
  assert.ok((seen[0]?.unread?.highlight_count ?? 0) > 0, 'somebody was mentioned meanwhile')

  assert.equal(await first.end('SIGINT'), 0, first.output())
  await assertNobodyListens(place)
  await using second = startDemo(place)
  await second.says(/^ready$/m)
  assert.doesNotMatch(second.output(), /once/, 'nobody talks a second time')
  await bothPages(place)
  await using intruder = startDemo(place)
  assert.equal(await intruder.ended, 1)
  assert.match(intruder.output(), /^kith: the demo is running already \(.*\)\n$/)
  const again = await Promise.all(loginsOf(second.output()).map(async (login) => groupOf(await logIn(login))))
  assert.deepEqual(
    again.map(({ said }) => said.length),
    seen.map(({ said }) => said.length),
  )
  assert.equal(await second.end('SIGINT'), 0)
})

test('the demo outlasts kill -9, in the middle of its first talk and later', async () => {
  await using place = await demoPlace()
  const [port] = place.clientPorts
  await using first = startDemo(place)
  await first.says(/Letting four people talk/)
  const anna = { url: `http://127.0.0.1:${port}`, name: 'anna', password: 'anna-demo' }
  const saidBefore = await saidSoFar(anna, groupLines.length / 4)
  await first.end('SIGKILL')
  assert.ok(!existsSync(join(place.folder, 'seeded')), 'it was in the middle')

  await using second = startDemo(place)
  await second.says(/^ready$/m)
  const [login] = loginsOf(second.output())
  const { said, rooms } = await groupOf(await logIn(login ?? assert.fail()))
  assert.equal(rooms, 2)
  assert.deepEqual(said.slice(0, saidBefore.length).map(idOf), saidBefore.map(idOf))
  assert.equal(said.length, groupLines.length, 'nothing is said twice, and nothing is left out')
  // The rest of the tree is left, and ends by itself.
  second.child.kill('SIGKILL')

  await using third = startDemo(place)
  await third.says(/^ready$/m)
  await bothPages(place)
  assert.equal(await third.end('SIGINT'), 0, third.output())
})

/** What was said in somebody's group, as soon as it is this much. */
async function saidSoFar(login: Login, least: number) {
  for (;;) {
    try {
      const access = await logIn(login)
      for (let said: ClientEvent[] = []; ; said = (await groupOf(access)).said) {
        if (said.length >= least) return said
        await delay(20)
      }
    } catch (error) {
      // The account or the group is not there yet.
      if (!(error instanceof MatrixFailure) && !(error instanceof assert.AssertionError)) throw error
      await delay(20)
    }
  }
}

test('a port that is taken ends the demo in one line, and leaves nothing running', async () => {
  await using place = await demoPlace()
  const taken = createServer()
  await once(taken.listen(place.clientPorts[1], '127.0.0.1'), 'listening')
  try {
    await using demo = startDemo(place)
    assert.equal(await demo.ended, 1)
    const [, port] = place.clientPorts
    const line = `kith: localhost:${place.federationPorts[1]}: cannot listen on 127.0.0.1:${port}: EADDRINUSE\n`
    assert.ok(demo.output().endsWith(`Starting two servers …\n${line}`), demo.output())
  } finally {
    taken.close()
  }
  await assertNobodyListens(place)
})

test('an option that makes no sense ends the demo with what there is', async () => {
  await using place = await demoPlace()
  await using demo = startDemo({ ...place, clientPorts: [1, 1] })
  assert.equal(await demo.ended, 1)
  assert.match(demo.output(), /kith: npm run demo -- .*--client-ports/)
})
