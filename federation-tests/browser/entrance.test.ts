import { openStage } from './harness/story.ts'

const stage = openStage('open', { label: 'closed', env: { KITH_REGISTRATION: 'closed' } })

stage.story('somebody makes an account, and is in', async ({ visitor }) => {
  const alice = await visitor('alice')
  const { account } = alice.text
  await alice.goesTo('/')
  await alice.press(alice.link(account.register))
  await alice.triesToEnter(account.register, {})

  await alice.isIn()
})

stage.story(
  'a wrong password is told beside the field, and the right one then lets in',
  async ({ visitor }) => {
    const alice = await visitor('alice')
    const { account, errors } = alice.text
    await alice.hasAccount()
    await alice.goesTo('/login')
    await alice.triesToEnter(account.signIn, { password: 'a guess' })

    await alice.sees(errors['wrong-password'])
    await alice.triesToEnter(account.signIn, {})
    await alice.isIn()
  },
)

stage.story('a server that takes no new accounts offers none', async ({ visitor }) => {
  const bob = await visitor('bob', { on: 'closed' })
  const { account } = bob.text
  await bob.goesTo('/login')

  await bob.sees(account.registrationClosed(new URL(bob.line.url).host))
  await bob.sawNothingOf(account.noAccount)
})

stage.story('whoever is signed in stays so over a reload', async ({ person }) => {
  const alice = await person('alice')
  await alice.page.reload()

  await alice.isIn()
})
