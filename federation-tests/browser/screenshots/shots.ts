import type { BrowserPerson } from '../harness/person.ts'
import type { Seeded } from './seed.ts'
import { peopleShots } from './shots-of-people.ts'
import { roomShots } from './shots-of-rooms.ts'

export interface Sitter {
  /** Whose screen is taken. */
  ada: BrowserPerson
  seeded: Seeded
}

/** A screen to be taken. Each brings itself about, whatever was on the screen before. */
export interface Shot {
  name: string
  /** Who is there: nobody who is signed in, somebody who has no chats yet, or Ada. */
  as: 'nobody' | 'newcomer' | 'ada'
  pose(sitter: Sitter): Promise<void>
  /** Brings back what the next ones need. */
  after?(sitter: Sitter): Promise<void>
}

const asNobody = (name: string, pose: Shot['pose']): Shot => ({ name, as: 'nobody', pose })

/** Signs in, and hears nothing of the chats. */
async function arrives({ ada }: Sitter): Promise<void> {
  await ada.goesTo('/login')
  ada.line.withhold('/sync')
  await ada.triesToEnter(ada.text.account.signIn, { name: 'ada' })
  await ada.isIn()
}

const entrance: Shot[] = [
  asNobody('login', async ({ ada }) => {
    await ada.goesTo('/login')
    await ada.sees(ada.text.account.noAccount)
    await ada.button(ada.text.account.changeServerLong).waitFor()
  }),
  asNobody('login-server', async ({ ada }) => {
    await ada.goesTo('/login')
    await ada.press(ada.button(ada.text.account.changeServerLong))
    await ada.write(ada.text.account.server, 'nowhere.example')
    await ada.field(ada.text.account.name).focus()
    await ada.sees(ada.text.errors['not-a-homeserver'])
  }),
  asNobody('login-wrong-password', async ({ ada }) => {
    await ada.goesTo('/login')
    await ada.triesToEnter(ada.text.account.signIn, { name: 'ada', password: 'a guess' })
    await ada.sees(ada.text.errors['wrong-password'])
  }),
  asNobody('register', async ({ ada }) => {
    await ada.goesTo('/register')
    await ada.write(ada.text.account.name, 'newcomer')
    await ada.sees(ada.text.account.nameFree('@newcomer'))
  }),
  asNobody('register-name-taken', async ({ ada }) => {
    await ada.goesTo('/register')
    await ada.write(ada.text.account.name, 'ada')
    await ada.sees(ada.text.errors['name-taken'])
  }),
  asNobody('chats-loading', async (sitter) => {
    await arrives(sitter)
    // It shows itself only when loading takes a moment.
    await sitter.ada.page.waitForFunction(() => {
      const rows = document.querySelector('ul[aria-hidden="true"]')
      return rows !== null && getComputedStyle(rows).opacity === '1'
    })
  }),
  {
    name: 'chats-empty',
    as: 'newcomer',
    async pose({ ada }) {
      await ada.goesTo('/')
      await ada.sees(ada.text.rooms.none)
    },
  },
]

/** In the order in which they are taken: nobody's, the newcomer's, Ada's. */
export const shots: Shot[] = [...entrance, ...roomShots, ...peopleShots]
