import { openStage, together } from './harness/story.ts'

const stage = openStage('alpha', 'beta')

stage.story('two people on two servers chat, and see each other typing and reading', async ({ person }) => {
  const alice = await person('alice', { on: 'alpha' })
  const bob = await person('bob', { on: 'beta' })
  await together(alice, bob, 'Garden')

  await alice.chat.says('Hello Bob')
  await bob.chat.sees('Hello Bob')
  await alice.chat.seesRead('Hello Bob', bob.name)
  await bob.chat.writes('Hello')
  await alice.chat.seesTyping(bob.name)
  await bob.chat.sends()
  await alice.chat.sees('Hello')
  await alice.chat.seesNobodyTyping(bob.name)
  await bob.chat.seesRead('Hello', alice.name)
})
