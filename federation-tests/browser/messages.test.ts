import { openStage, together } from './harness/story.ts'

const stage = openStage('home')

stage.story('a message is answered, changed, reacted to and deleted, and both see it', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')]
  await together(alice, bob, 'Garden')
  await alice.chat.says('Teh key is behind the door')
  await bob.chat.sees('Teh key is behind the door')

  await bob.chat.replies('Teh key is behind the door', 'Which door?')
  await alice.chat.sees('Which door?')
  await alice.chat.edits('Teh key is behind the door', 'The key is behind the blue door')
  await bob.chat.sees('The key is behind the blue door')
  await bob.chat.sawNothingOf('Teh key is behind the door')

  await bob.chat.reacts('The key is behind the blue door', '👍')
  await alice.chat.reaction('The key is behind the blue door', '👍', 1).waitFor()
  await alice.chat.toggles('The key is behind the blue door', '👍')
  await bob.chat.reaction('The key is behind the blue door', '👍', 2).waitFor()
  await bob.chat.toggles('The key is behind the blue door', '👍')
  await alice.chat.reaction('The key is behind the blue door', '👍', 1).waitFor()

  await bob.chat.deletes('Which door?')
  await alice.sees(alice.text.timeline.deletedBy(bob.name))
  await alice.chat.sawNothingOf('Which door?')
})

stage.story('an edit or a reply that is begun can be given up', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')]
  await together(alice, bob, 'Garden')
  await alice.chat.says('Good morning')
  await alice.chat.acts('Good morning', alice.text.composer.edit)
  await alice.chat.holds('Good morning')
  await alice.press(alice.button(alice.text.composer.cancelEdit))

  await alice.chat.holds('')
  await alice.chat.says('And good night')
  await bob.chat.sees('And good night')
  await bob.chat.sees('Good morning')
})
