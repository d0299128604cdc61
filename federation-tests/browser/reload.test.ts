import { numbered } from './harness/chat.ts'
import { openStage, together } from './harness/story.ts'

const stage = openStage('home')

stage.story('a reload in the middle of a send loses nothing and doubles nothing', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')]
  await together(alice, bob, 'Garden')
  await alice.chat.says('before')
  await bob.chat.sees('before')

  // The server gets the first message, and Alice's browser never learns of it.
  alice.line.loseAnswers()
  for (const text of numbered('hers', 5)) await alice.chat.says(text)
  await bob.chat.sees('hers 1')
  alice.line.shake()
  await alice.page.reload()

  await alice.chat.showsAll('hers', 5)
  await bob.chat.showsAll('hers', 5)
  await alice.chat.says('after')
  await bob.chat.sees('after')
})

stage.story('what is written stays in its field over a reload', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')]
  await together(alice, bob, 'Garden')

  await alice.chat.writes('half a sentence')
  await alice.page.reload()
  await alice.chat.holds('half a sentence')
  await alice.chat.sends()
  await bob.chat.sees('half a sentence')
})
