import assert from 'node:assert/strict'
import { zhCn } from '../../client/web/src/lib/i18n/zh-cn/messages.ts'
import type { BrowserPerson } from './harness/person.ts'
import { openStage } from './harness/story.ts'
import { until } from './harness/until.ts'

/** As it calls itself, in all languages. */
const chinese = '简体中文'

const stage = openStage('home')

const background = (who: BrowserPerson) =>
  who.page.evaluate(() => getComputedStyle(document.body).backgroundColor)

stage.story('the language changes at once, and stays over a reload', async ({ person }) => {
  const alice = await person('alice')
  await alice.press(alice.link(alice.text.common.settings))
  await alice.choose(alice.text.account.language, chinese)

  await alice.sees(zhCn.account.appearance)
  assert.equal(await alice.page.locator('html').getAttribute('lang'), 'zh-CN')
  await alice.page.reload()
  await alice.sees(zhCn.account.appearance)
})

stage.story('whoever is not signed in can choose the language too', async ({ visitor }) => {
  const alice = await visitor('alice')
  await alice.goesTo('/login')
  await alice.press(alice.button(chinese))
  await alice.sees(zhCn.account.noAccount)
})

stage.story('the theme changes at once, and stays over a reload', async ({ person }) => {
  const alice = await person('alice')
  const { themes } = alice.text.account
  await alice.press(alice.link(alice.text.common.settings))
  const light = await background(alice)
  await alice.press(alice.page.getByRole('radio', { name: themes.dark }))

  await until(async () => (await background(alice)) !== light, 'the page is dark')
  await alice.page.reload()
  await alice.sees(alice.text.account.appearance)
  assert.notEqual(await background(alice), light)
})
