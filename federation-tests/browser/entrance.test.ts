import assert from 'node:assert/strict'
import { openStage, together } from './harness/story.ts'

const stage = openStage('open', { label: 'closed', env: { KITH_REGISTRATION: 'closed' } })

stage.story('somebody makes an account, and is in', async ({ visitor }) => {
  const alice = await visitor('alice')
  const { account } = alice.text
  await alice.goesTo('/')
  await alice.press(alice.link(account.register))
  // The page before has fields of the same names.
  await alice.page.getByRole('heading', { name: account.register }).waitFor()
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

  await bob.sees(account.registrationClosed(bob.server.name))
  await bob.sawNothingOf(account.noAccount)
})

stage.story('whoever is signed in stays so over a reload', async ({ person }) => {
  const alice = await person('alice')
  await alice.page.reload()

  await alice.isIn()
})

stage.story('who signs out leaves nothing behind', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')]
  await together(alice, bob, 'Garden')
  await bob.chat.says('between us')
  await alice.chat.sees('between us')
  await alice.chat.writes('a draft')
  await alice.press(alice.link(alice.text.common.settings))
  await alice.press(alice.button(alice.text.account.signOut))
  const dialog = alice.page.getByRole('dialog', { name: alice.text.account.signOutQuestion })
  await alice.press(dialog.getByRole('button', { name: alice.text.account.signOut }))

  await alice.sees(alice.text.account.noAccount)
  assert.deepEqual(await alice.storedWords(['between us', 'a draft', 'Garden', alice.userId, bob.userId]), [])
  await alice.goesTo('/')
  await alice.sees(alice.text.account.noAccount)
})

stage.story('a session that the server ends leads back to the door', async ({ person }) => {
  const alice = await person('alice')
  await alice.api.request({ method: 'POST', path: '/v3/logout/all', body: {} })

  await alice.sees(alice.text.errors['signed-out'])
})
