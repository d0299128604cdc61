// `npm run bench -w @kith/client [-- OPTIONS]`: what the web client weighs and how fast it is, beside its limits.
// A limit that is missed is the exit code. --json FILE writes every value too.
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { launchChromium } from '../../browser/harness/chromium.ts'
import { buildClient } from '../../browser/harness/client-build.ts'
import { pointer } from '../../browser/harness/hands.ts'
import { BrowserPerson } from '../../browser/harness/person.ts'
import { password } from '../../harness/accounts.ts'
import { newPerson } from '../../harness/person.ts'
import { startServers } from '../../harness/world.ts'
import { startPostgres } from '../postgres.ts'
import { median } from '../report.ts'
import { gzipBytes, modulesOf } from './module-graph.ts'
import { painted, watchPaint } from './paint.ts'
import { scrollBack } from './prepends.ts'
import { type RecordingProxy, recordingProxy } from './recording-proxy.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    rooms: { type: 'string', default: '200' },
    sends: { type: 'string', default: '50' },
    prepends: { type: 'string', default: '100' },
    json: { type: 'string' },
  },
})
const kib = 1024
const screens = {
  login: ['+layout', '(entrance)/+layout', '(entrance)/login/+page'],
  room: ['+layout', '(app)/+layout', '(app)/room/[id]/+page'],
}

interface Measure {
  what: string
  values: number[]
  limit?: number
  unit: string
}

await buildClient()
await using resources = new AsyncDisposableStack()
process.env.KITH_TEST_DATABASE_URL ??= await startPostgres(resources)
const chromium = resources.use(await launchChromium())
const world = resources.use(await startServers('home'))
const server = world.server('home')
const measures: Measure[] = []

await weigh()
await measureColdStart()
await measurePaint()
await measurePrepends()
await finish()

async function visitor(name: string): Promise<BrowserPerson> {
  return BrowserPerson.open(name, { server, hands: pointer, chromium })
}

/** What Chromium loads, and what the bundler says that a screen is made of. */
async function weigh(): Promise<void> {
  say('weighing …')
  await using proxy = await recordingProxy(server.url)
  await using person = await visitor('weigher')
  await person.hasAccount()
  await person.api.createRoom({ name: 'First', preset: 'private_chat' })
  await person.page.goto(`${proxy.url}/login`)
  // It is there once the worker has found the server.
  await person.button(person.text.account.changeServerLong).waitFor()
  const login = await gzipBytes(proxy.scripts)
  await person.triesToEnter(person.text.account.signIn, {})
  await person.isIn()
  await person.opens('First')
  await person.chat.field.waitFor()
  const room = await weighRoom(proxy, person)
  add('JavaScript of the sign-in page, loaded', [login / kib], { limit: 60, unit: 'KiB gz' })
  add('… by its imports, with the worker', [(await gzipBytes(await modulesOf(screens.login))) / kib], {
    unit: 'KiB gz',
  })
  add('JavaScript until the first room, loaded', [room / kib], { limit: 120, unit: 'KiB gz' })
  add('… by its imports, with the worker', [(await gzipBytes(await modulesOf(screens.room))) / kib], {
    unit: 'KiB gz',
  })
}

/** What somebody loads who is signed in already and comes back to a room, with an empty cache. */
async function weighRoom(proxy: RecordingProxy, { context, url, text }: BrowserPerson): Promise<number> {
  const storageState = await context.storageState({ indexedDB: true })
  const fresh = await chromium.browser.newContext({ storageState })
  proxy.scripts.clear()
  const page = await fresh.newPage()
  await page.goto(url)
  await page.getByRole('textbox', { name: text.composer.message, exact: true }).waitFor()
  const bytes = await gzipBytes(proxy.scripts)
  await fresh.close()
  return bytes
}

/** With nothing in the browser: until one can sign in, and from there until the chats are painted. Typing is left out. */
async function measureColdStart(): Promise<void> {
  say(`making ${options.rooms} rooms …`)
  const owner = await newPerson(server, 'collector')
  for (let room = 0; room < Number(options.rooms); room += 1) {
    const id = await owner.createRoom({ name: `Room ${room}`, preset: 'private_chat' })
    await owner.send(id, `hello from ${room}`)
  }
  const [open, enter, total]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < Number(options.rounds); round += 1) {
    await using person = await visitor('collector')
    const { page, text } = person
    let begun = performance.now()
    await page.goto(`${person.line.url}/login`)
    await person.field(text.account.password).waitFor()
    open.push(performance.now() - begun)
    await person.write(text.account.name, 'collector')
    await person.write(text.account.password, password)
    begun = performance.now()
    await page.keyboard.press('Enter')
    await person.chatRow(`Room ${Number(options.rooms) - 1}`).waitFor()
    enter.push(performance.now() - begun)
    total.push((open.at(-1) as number) + (enter.at(-1) as number))
  }
  add('cold start: the sign-in page', open, { unit: 'ms' })
  add(`cold start: from signing in to ${options.rooms} chats`, enter, { unit: 'ms' })
  add('cold start: both', total, { limit: 1500, unit: 'ms' })
}

async function measurePaint(): Promise<void> {
  say('sending …')
  await using person = await visitor('talker')
  await person.hasAccount()
  await person.api.createRoom({ name: 'Talk', preset: 'private_chat' })
  await person.signsIn()
  await person.opens('Talk')
  await person.chat.field.focus()
  await watchPaint(person.page)
  const p95: number[] = []
  for (let round = 0; round < Number(options.rounds); round += 1) {
    const times: number[] = []
    for (let sent = 0; sent < Number(options.sends); sent += 1) {
      const text = `message ${round}.${sent}.`
      await person.page.keyboard.insertText(text)
      const seen = painted(person.page, text)
      await person.page.keyboard.press('Enter')
      times.push(await seen)
    }
    p95.push(times.sort((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1] as number)
  }
  add(`from Enter to painted, p95 of ${options.sends}`, p95, { limit: 50, unit: 'ms' })
}

async function measurePrepends(): Promise<void> {
  const wanted = Number(options.prepends)
  say(`sending what ${wanted} pages hold …`)
  await using person = await visitor('reader')
  await person.hasAccount()
  const room = await person.api.createRoom({ name: 'History', preset: 'private_chat' })
  const count = wanted * 100
  for (let sent = 0; sent < count; sent += 50) {
    const some = Array.from({ length: 50 }, (_, n) => `${'word '.repeat((sent + n) % 40)}${sent + n}`)
    await Promise.all(some.map((text) => person.api.send(room, text)))
  }
  await person.signsIn()
  await person.opens('History')
  await person.chat.log.getByRole('article').first().waitFor()
  say('scrolling back …')
  add(`movement over ${wanted} prepends`, [await scrollBack(person, wanted)], { limit: 0, unit: 'px' })
}

function add(what: string, values: number[], { limit, unit }: { limit?: number; unit: string }): void {
  measures.push({ what, values, limit, unit })
  const shown = limit === undefined ? '' : ` (at most ${limit})`
  say(`${what}: ${median(values).toFixed(1)} ${unit}${shown}`)
}

async function finish(): Promise<void> {
  const rows = measures.map(({ what, values, limit, unit }) => {
    const verdict =
      limit === undefined ? '' : median(values) <= limit ? `ok, at most ${limit}` : `MISSED, at most ${limit}`
    return `${what.padEnd(48)} ${median(values).toFixed(1).padStart(8)} ${unit.padEnd(7)} ${verdict}`.trimEnd()
  })
  process.stdout.write(
    `\nMedians of ${options.rounds} rounds on ${availableParallelism()} processors\n\n${rows.join('\n')}\n`,
  )
  if (options.json) await writeFile(options.json, `${JSON.stringify({ options, measures }, null, 2)}\n`)
  if (measures.some(({ values, limit }) => limit !== undefined && median(values) > limit))
    process.exitCode = 1
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
