import { numbered } from './harness/chat.ts'
import type { BrowserPerson } from './harness/person.ts'
import { openStage, together } from './harness/story.ts'

const stage = openStage('home')

const ways = [
  {
    name: 'the browser is offline',
    leave: (alice: BrowserPerson) => alice.losesNetwork(),
    comeBack: (alice: BrowserPerson) => alice.getsNetworkBack(),
  },
  {
    name: 'the server is out of reach',
    leave: async (alice: BrowserPerson) => alice.line.cut(),
    comeBack: async (alice: BrowserPerson) => alice.line.mend(),
  },
]

for (const { name, leave, comeBack } of ways) {
  stage.story(
    `one reads and writes on while ${name}, and all of it arrives afterwards`,
    async ({ person }) => {
      const [alice, bob] = [await person('alice'), await person('bob')]
      await together(alice, bob, 'Garden')
      await alice.chat.says('before')
      await bob.chat.sees('before')

      await leave(alice)
      await alice.sees(alice.text.common.offline)
      for (const text of numbered('hers', 3)) await alice.chat.says(text)
      for (const text of numbered('his', 3)) await bob.chat.says(text)
      await alice.chat.showsAll('hers', 3)
      await bob.chat.sawNothingOf('hers 1')
      await comeBack(alice)

      await alice.seesNoLonger(alice.text.common.offline)
      await bob.chat.showsAll('hers', 3)
      await alice.chat.showsAll('his', 3)
      await alice.chat.showsAll('hers', 3)
    },
  )
}
