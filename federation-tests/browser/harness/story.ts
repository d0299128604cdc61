import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Role, startServers, type World } from '../../harness/world.ts'
import { type Chromium, launchChromium } from './chromium.ts'
import { buildClient } from './client-build.ts'
import { type Hands, pointer } from './hands.ts'
import { keyboard } from './keyboard.ts'
import { BrowserPerson, type PersonOptions } from './person.ts'

/** Where what was on the screen is kept when a story fails. */
const failures = join(import.meta.dirname, '../../../test-failures')
const timeout = 120_000

export interface Scene {
  world: World
  hands: Hands
  chromium: Chromium
  /** Makes an account and signs in with a browser of its own. */
  person(name: string, options?: PersonOptions): Promise<BrowserPerson>
  /** Somebody who is not signed in yet. */
  visitor(name: string, options?: PersonOptions): Promise<BrowserPerson>
}

export interface Stage {
  /** Plays a story twice: with a pointer, and with the keyboard alone. */
  story(name: string, play: (scene: Scene) => Promise<void>): void
  /** Plays a story once, where hands make no difference. */
  once(name: string, play: (scene: Scene) => Promise<void>): void
}

/** Starts servers and a browser for the stories of one file. */
export function openStage(...roles: (string | Role)[]): Stage {
  let world: World
  let chromium: Chromium
  before(async () => {
    await buildClient()
    chromium = await launchChromium()
    world = await startServers(...roles)
  })
  after(async () => {
    await chromium?.[Symbol.asyncDispose]()
    await world?.[Symbol.asyncDispose]()
  })
  let scenes = 0
  const play = (name: string, hands: Hands, body: (scene: Scene) => Promise<void>) =>
    test(name, { timeout }, () => {
      scenes += 1
      return inScene({ name, hands, world, chromium, number: scenes }, body)
    })
  return {
    story(name, body) {
      play(name, pointer, body)
      play(`${name} (with the keyboard alone)`, keyboard, body)
    },
    once: (name, body) => void play(name, pointer, body),
  }
}

/** Puts two people into a room, and opens it for both. */
export async function together(host: BrowserPerson, guest: BrowserPerson, name: string): Promise<string> {
  const room = await host.api.createRoom({ name, preset: 'private_chat', invite: [guest.userId] })
  await guest.api.join(room, { via: host.server.name })
  await host.opens(name)
  await guest.opens(name)
  return room
}

interface Setting {
  name: string
  number: number
  hands: Hands
  world: World
  chromium: Chromium
}

async function inScene(setting: Setting, body: (scene: Scene) => Promise<void>): Promise<void> {
  const { world, chromium, hands, number } = setting
  await using people = new AsyncDisposableStack()
  const cast: BrowserPerson[] = []
  const [first = ''] = world.labels
  const visitor = async (name: string, options: PersonOptions = {}) => {
    const server = world.server(options.on ?? first)
    const pageServer = options.pageFrom === undefined ? undefined : world.server(options.pageFrom)
    const person = people.use(
      await BrowserPerson.open(`${name}${number}`, { ...options, server, pageServer, hands, chromium }),
    )
    cast.push(person)
    return person
  }
  const person = async (name: string, options?: PersonOptions) => {
    const somebody = await visitor(name, options)
    await somebody.hasAccount()
    await somebody.signsIn()
    return somebody
  }
  try {
    await body({ world, hands, chromium, person, visitor })
    for (const one of cast) one.hadNoTrouble()
  } catch (error) {
    throw await keep(setting, cast, error)
  }
}

/** Writes down what everybody saw, and says where. */
async function keep({ name, hands }: Setting, cast: BrowserPerson[], error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || error.message.startsWith('needs: ')) return error
  const folder = join(failures, `${name.replace(/[^a-z0-9]+/gi, '-').slice(0, 80)}-${hands.kind}`)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const person of cast) {
    await writeFile(
      join(folder, `${person.name}.log`),
      `${person.url}\n${person.troubles.console.join('\n')}\n`,
    )
    await person.page.screenshot({ path: join(folder, `${person.name}.png`) }).catch(() => undefined)
  }
  // The runner prints the stack, which holds the message.
  error.stack = `${error.stack}\n\nWhat was on the screens is in ${folder}`
  return error
}
