import { openStage } from './harness/story.ts'

const stage = openStage('alpha', 'beta')

stage.story(
  'somebody makes a group and invites: one accepts, one declines, and one leaves',
  async ({ person }) => {
    const alice = await person('alice', { on: 'alpha' })
    const [bob, cleo] = [await person('bob', { on: 'beta' }), await person('cleo', { on: 'alpha' })]
    await alice.circle.makesGroup('Garden', { invite: [bob] })
    await alice.circle.opensPanel()
    await alice.circle.invites(cleo)

    await bob.circle.accepts('Garden')
    await alice.chat.says('Welcome')
    await bob.chat.sees('Welcome')
    await cleo.circle.declines('Garden')
    await cleo.sees(cleo.text.rooms.none)
    await bob.circle.opensPanel()
    await bob.circle.leaves()

    await bob.sees(bob.text.rooms.none)
    await alice.circle.member(bob).waitFor({ state: 'detached' })
    await alice.sees(alice.text.people.count(1))
  },
)

stage.story('a direct chat is one for both, on two servers', async ({ person }) => {
  const alice = await person('alice', { on: 'alpha' })
  const bob = await person('bob', { on: 'beta' })
  await alice.circle.startsChat(bob)
  await alice.chat.says('Hello')

  await bob.circle.accepts(alice.name)
  await bob.chat.sees('Hello')
  await bob.chat.says('Hi')
  await alice.chat.sees('Hi')
})

stage.story('a group of another server is joined by its address', async ({ person }) => {
  const alice = await person('alice', { on: 'alpha' })
  const bob = await person('bob', { on: 'beta' })
  const address = `garden-of-${alice.name}`
  await alice.circle.makesGroup('Garden', { address })
  await alice.chat.says('Everybody may come')

  await bob.circle.joins(`#nothing:${alice.server.name}`)
  await bob.sees(bob.text.errors['no-such-room'])
  await bob.circle.joins(`#${address}:${alice.server.name}`)
  await bob.chat.sees('Everybody may come')
  await bob.chat.says('Here I am')
  await alice.chat.sees('Here I am')
})
