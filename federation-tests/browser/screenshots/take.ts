// `npm run screenshots [-- PART-OF-A-NAME …]`: every screen on a phone and a desktop, light and dark, in all languages, into
// screenshots/. The same sources give the same pictures. Parts of names choose among them: `-- login phone zh-CN`.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { needDatabaseServer } from '../../harness/database-server.ts'
import { launchChromium } from '../harness/chromium.ts'
import { buildClient } from '../harness/client-build.ts'
import { pointer } from '../harness/hands.ts'
import { BrowserPerson, type PersonOptions } from '../harness/person.ts'
import { seedOnce } from './copies.ts'
import { today } from './seed.ts'
import { type Shot, shots } from './shots.ts'

const folder = join(import.meta.dirname, '../../../screenshots')
const begun = Date.now()

type Style = Required<Pick<PersonOptions, 'locale' | 'theme' | 'device' | 'address'>>

const asked = process.argv.slice(2)
const styles = chosen(allStyles(), nameOf)
const wanted = chosen(shots, ({ name }) => name)
const failures: string[] = []

await using resources = new AsyncDisposableStack()
resources.use(await needDatabaseServer())
await buildClient()
const chromium = resources.use(await launchChromium())
const copies = resources.use(await seedOnce())
if (asked.length === 0) await rm(folder, { recursive: true, force: true })
await mkdir(folder, { recursive: true })
// Two at a time, for two processors.
const queue = [...styles]
await Promise.all([takeStyles(), takeStyles()])
for (const failure of failures) process.stderr.write(`${failure}\n`)
const seconds = Math.round((Date.now() - begun) / 1000)
process.stdout.write(
  `${styles.length * wanted.length} screens in ${seconds} s, ${failures.length} failures: ${folder}\n`,
)
process.exitCode = failures.length > 0 ? 1 : 0

function allStyles(): Style[] {
  const all: Style[] = []
  for (const device of ['desktop', 'phone'] as const) {
    for (const locale of ['en', 'zh-CN'] as const) {
      for (const theme of ['light', 'dark'] as const) {
        // Shown on some screens: the same every time, and another for each, since two run at once.
        const address = { host: `127.0.0.${all.length + 11}`, port: 8008 }
        all.push({ device, locale, theme, address })
      }
    }
  }
  return all
}

function nameOf({ device, theme, locale }: Style): string {
  return `${device}-${theme}-${locale}`
}

/** Those that the command line asks for; all when it asks for none of them. */
function chosen<T>(all: T[], name: (one: T) => string): T[] {
  const found = all.filter((one) => asked.some((part) => name(one).includes(part)))
  return found.length > 0 ? found : all
}

async function takeStyles(): Promise<void> {
  for (let style = queue.shift(); style; style = queue.shift()) {
    const server = await copies.start()
    const options = { ...style, server, chromium, hands: pointer, now: today, motion: 'reduce' as const }
    for (const who of ['nobody', 'newcomer', 'ada'] as const) {
      const mine = wanted.filter((shot) => shot.as === who)
      if (mine.length === 0) continue
      await using sitter = await BrowserPerson.open(who, options)
      if (who === 'newcomer') await sitter.hasAccount()
      if (who !== 'nobody') await sitter.signsIn()
      await take(sitter, mine, nameOf(style))
    }
    process.stdout.write(`${nameOf(style)}\n`)
    await server.stop()
  }
}

async function take(ada: BrowserPerson, these: readonly Shot[], style: string): Promise<void> {
  for (const shot of these) {
    const file = join(folder, `${shot.name}.${style}.png`)
    try {
      await shot.pose({ ada, seeded: copies.seeded })
      await ada.page.screenshot({ path: file, animations: 'disabled' })
    } catch (error) {
      failures.push(`${shot.name} ${style}: ${error}`)
      await ada.page.screenshot({ path: file.replace('.png', '.FAILED.png') })
    }
    await shot.after?.({ ada, seeded: copies.seeded })
  }
  failures.push(...ada.troubles.found.map((trouble) => `${style}: ${trouble}`))
}
