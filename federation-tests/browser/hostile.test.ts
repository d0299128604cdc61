import assert from 'node:assert/strict'
import { hostileMessages } from '../../client/web/src/lib/timeline/html/hostile-messages.ts'
import type { BrowserPerson } from './harness/person.ts'
import { openStage, together } from './harness/story.ts'
import { until } from './harness/until.ts'

const stage = openStage('home')

/** What became of the HTML of the newest message. */
const rendered = (who: BrowserPerson) =>
  who.chat.log
    .getByRole('article')
    .last()
    .locator('.html')
    .evaluate((html) => {
      const elements = [...html.querySelectorAll('*')].filter(({ tagName }) => tagName !== 'DIV')
      const links = [...html.querySelectorAll('a')]
      return {
        text: html.textContent,
        elements: elements.map(({ tagName }) => tagName.toLowerCase()),
        links: links.map((link) => link.getAttribute('href') ?? ''),
        ids: html.querySelectorAll('[id], [name]').length,
        rels: [...new Set(links.map(({ rel, target }) => `${rel} ${target}`))],
      }
    })

stage.once(
  'C1: whatever HTML comes, nothing runs, nothing is fetched, and nothing is hidden',
  async ({ person }) => {
    const [alice, mallory] = [await person('alice'), await person('mallory')]
    const room = await together(alice, mallory, 'Garden')
    // Chromium tells of what its policy forbids also in the documents without life in which HTML is taken apart. What would
    // have had an effect is an event in the page.
    alice.troubles.forgive(/Content Security Policy/)
    mallory.troubles.forgive(/Content Security Policy/)
    const asked: string[] = []
    await alice.page.exposeFunction('tell', (what: string) => asked.push(what))
    await alice.page.evaluate(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        if (event.target instanceof Element) Reflect.get(window, 'tell')(event.violatedDirective)
      })
    })
    alice.context.on('request', (request) => asked.push(request.url()))
    alice.context.on('dialog', (dialog) => asked.push(`dialog ${dialog.message()}`))
    for (const { name, html, text, elements, links = [] } of hostileMessages) {
      await mallory.api.sendEvent(room, 'm.room.message', {
        msgtype: 'm.text',
        body: `hostile: ${name}`,
        format: 'org.matrix.custom.html',
        formatted_body: html,
      })
      await alice.chat.sees(`hostile: ${name}`)
      await until(async () => (await rendered(alice)) !== undefined, `${name} is shown as HTML`)

      const found = await rendered(alice)
      assert.deepEqual(found.text?.replace(/\s+/g, ''), text.replace(/\s+/g, ''), name)
      assert.deepEqual(found.elements, elements, name)
      assert.deepEqual(found.links, links, name)
      assert.deepEqual(found.ids, 0, name)
      assert.ok(
        found.rels.every((rel) => rel === 'noopener noreferrer _blank'),
        `${name}: ${found.rels}`,
      )
    }
    assert.ok((await alice.page.evaluate(() => document.baseURI)).startsWith(alice.line.url))
    await alice.chat.says('still here')
    await mallory.chat.sees('still here')
    assert.deepEqual(
      asked.filter((url) => !url.startsWith(alice.line.url)),
      [],
    )
  },
)

stage.once('C1: names, topics and reasons are text, whatever is in them', async ({ person }) => {
  const [alice, mallory] = [await person('alice'), await person('mallory')]
  const name = '<img src=x onerror=alert(1)>'
  await mallory.api.request({
    method: 'PUT',
    path: `/v3/profile/${encodeURIComponent(mallory.userId)}/displayname`,
    body: { displayname: name },
  })
  const room = await mallory.api.createRoom({
    name: '<script>alert(1)</script>',
    topic: 'see javascript:alert(1) or https://kith.test/<b>',
    invite: [alice.userId],
  })
  await alice.circle.accepts('<script>alert(1)</script>')
  await alice.circle.opensPanel()
  await alice.sees(name)
  await mallory.api.kick(alice.userId, room, '<b onclick=alert(1)>because</b>')

  await alice.sees(alice.text.people.theReason('<b onclick=alert(1)>because</b>'))
})
