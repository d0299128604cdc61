import { numbered } from './harness/chat.ts'
import { openStage, together } from './harness/story.ts'

const stage = openStage('kith', { label: 'synapse', kind: 'synapse' })

// The page comes from a Kith, and whoever signs in names another server.
stage.story('the same client chats on Synapse, which has no WebSocket', async ({ person }) => {
  const alice = await person('alice', { on: 'synapse', pageFrom: 'kith' })
  const bob = await person('bob', { on: 'kith' })
  await together(alice, bob, 'Garden')

  await alice.chat.says('Hello from another server')
  await bob.chat.sees('Hello from another server')
  await bob.chat.writes('Hi')
  await alice.chat.seesTyping(bob.name)
  await bob.chat.sends()
  await alice.chat.sees('Hi')
  await bob.chat.seesRead('Hi', alice.name)

  await alice.page.reload()
  for (const text of numbered('hers', 3)) await alice.chat.says(text)
  await bob.chat.showsAll('hers', 3)
  await alice.chat.showsAll('hers', 3)
})
