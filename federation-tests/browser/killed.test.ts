import assert from 'node:assert/strict'
import { numbered } from './harness/chat.ts'
import type { BrowserPerson } from './harness/person.ts'
import { openStage, together } from './harness/story.ts'
import { until } from './harness/until.ts'

const stage = openStage('home')

stage.story(
  'a server that is killed while both write, and comes back, loses nothing and doubles nothing',
  async ({ person, world }) => {
    const [alice, bob] = [await person('alice'), await person('bob')]
    await together(alice, bob, 'Garden')
    const writes = async (who: BrowserPerson, label: string) => {
      for (const text of numbered(label, 6)) await who.chat.says(text)
    }

    const writing = Promise.all([writes(alice, 'hers'), writes(bob, 'his')])
    await alice.chat.sees('his 1')
    await world.server('home').kill()
    await alice.sees(alice.text.common.offline)
    await writing
    await alice.chat.sees('hers 6')
    await world.server('home').start()

    for (const who of [alice, bob]) {
      await who.chat.showsAll('hers', 6)
      await who.chat.showsAll('his', 6)
    }
    const orders = () => Promise.all([alice, bob].map((who) => who.chat.textsOf('hers', 'his')))
    await until(async () => {
      const [hers, his] = await orders()
      return assert.deepEqual(hers, his) === undefined
    }, 'both see the same order')
  },
)
