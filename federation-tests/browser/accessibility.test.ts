import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { contrastOnly, findings } from './harness/accessibility.ts'
import { type Chromium, launchChromium } from './harness/chromium.ts'
import { buildClient } from './harness/client-build.ts'
import { pointer } from './harness/hands.ts'
import { BrowserPerson, type PersonOptions } from './harness/person.ts'
import { type Copies, seedOnce } from './screenshots/copies.ts'
import { today } from './screenshots/seed.ts'
import { shots } from './screenshots/shots.ts'

const timeout = 300_000

let chromium: Chromium
let copies: Copies
before(async () => {
  await buildClient()
  chromium = await launchChromium()
  copies = await seedOnce()
})
after(async () => {
  await copies?.[Symbol.asyncDispose]()
  await chromium?.[Symbol.asyncDispose]()
})

// The screens are those that pictures are taken of.
for (const device of ['desktop', 'phone'] as const) {
  test(`no screen on a ${device} has a serious or critical finding, in light or dark`, {
    timeout,
  }, async () => {
    const server = await copies.start()
    const options = { device, server, chromium, hands: pointer, now: today, motion: 'reduce' as const }
    const found: string[] = []
    for (const who of ['nobody', 'newcomer', 'ada'] as const) {
      await using sitter = await sit(who, options)
      for (const shot of shots.filter(({ as }) => as === who)) {
        await shot.pose({ ada: sitter, seeded: copies.seeded })
        for (const finding of await findingsInBothThemes(sitter)) found.push(`${shot.name}, ${finding}`)
        await shot.after?.({ ada: sitter, seeded: copies.seeded })
      }
    }
    await server.stop()

    assert.deepEqual(found, [])
  })
}

test('a finding that is planted is found', { timeout }, async () => {
  const server = await copies.start()
  await using nobody = await sit('nobody', { server, chromium, hands: pointer })
  await nobody.goesTo('/login')
  await nobody.sees(nobody.text.account.noAccount)
  assert.deepEqual(await findings(nobody.page), [])

  await nobody.page.evaluate(() => {
    const button = document.querySelector('main')?.appendChild(document.createElement('button'))
    const words = document.querySelector('main')?.appendChild(document.createElement('p'))
    if (!button || !words) throw new Error('there is nowhere to plant it')
    words.textContent = 'hardly to be read'
    words.style.color = 'lightgrey'
  })

  const rules = (await findings(nobody.page)).map((finding) => finding.split(' ')[0])
  assert.deepEqual(rules.toSorted(), ['button-name', 'color-contrast'])
})

type Sitting = Omit<Parameters<typeof BrowserPerson.open>[1], keyof PersonOptions> & PersonOptions

async function sit(who: string, options: Sitting): Promise<BrowserPerson> {
  const sitter = await BrowserPerson.open(who, options)
  if (who === 'newcomer') await sitter.hasAccount()
  if (who !== 'nobody') await sitter.signsIn()
  return sitter
}

async function findingsInBothThemes(who: BrowserPerson): Promise<string[]> {
  const light = await findings(who.page)
  await changeTheme(who, 'dark')
  const dark = await findings(who.page, contrastOnly)
  await changeTheme(who, 'light')
  return [...light.map((finding) => `light: ${finding}`), ...dark.map((finding) => `dark: ${finding}`)]
}

/** At once: a colour that is still on its way is no finding. */
async function changeTheme({ page }: BrowserPerson, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await page.waitForFunction((scheme) => matchMedia(`(prefers-color-scheme: ${scheme})`).matches, colorScheme)
  await page.evaluate(async () => {
    for (let frame = 0; frame < 2; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve))
    for (const animation of document.getAnimations()) {
      if (animation instanceof CSSTransition) animation.finish()
    }
  })
}
