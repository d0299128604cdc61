import { openStage, together } from './harness/story.ts'

const stage = openStage('alpha', 'beta')

stage.story('somebody is removed, banned, and let back in', async ({ person }) => {
  const alice = await person('alice', { on: 'alpha' })
  const bob = await person('bob', { on: 'beta' })
  const { people } = alice.text
  await together(alice, bob, 'Garden')
  await alice.circle.opensPanel()

  await alice.circle.does(people.remove, bob)
  await bob.sees(bob.text.people.outcomes.kicked(alice.name))
  await alice.circle.invites(bob)
  await bob.circle.accepts('Garden')
  await alice.circle.does(people.ban, bob)
  await bob.sees(bob.text.people.outcomes.banned(alice.name))
  await bob.sawNoButton(bob.text.people.joinAgain)
  await alice.circle.does(people.unban, bob)
  await alice.circle.invites(bob)
  await bob.circle.accepts('Garden')
  await bob.chat.says('Thank you')
  await alice.chat.sees('Thank you')
})

stage.story('who may not remove anybody is not offered to', async ({ person }) => {
  const alice = await person('alice', { on: 'alpha' })
  const bob = await person('bob', { on: 'beta' })
  await together(alice, bob, 'Garden')
  await bob.circle.opensPanel()
  await bob.press(bob.circle.member(alice))

  await bob.circle.dialog.waitFor()
  await bob.sawNoButton(bob.text.people.remove)
  await bob.sawNoButton(bob.text.people.ban)
})
