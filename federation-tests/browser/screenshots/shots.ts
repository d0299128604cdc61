import type { BrowserPerson } from '../harness/person.ts'
import type { Seeded } from './seed.ts'

export interface Sitter {
  ada: BrowserPerson
  seeded: Seeded
}

/** A screen to be taken. Each brings itself about, whatever was on the screen before. */
export interface Shot {
  name: string
  /** Whether somebody is signed in. */
  isInside: boolean
  pose(sitter: Sitter): Promise<void>
}

const outside = (name: string, pose: Shot['pose']): Shot => ({ name, isInside: false, pose })
const inside = (name: string, pose: Shot['pose']): Shot => ({ name, isInside: true, pose })

/** Those outside come first. */
export const shots: Shot[] = [
  outside('login', async ({ ada }) => {
    await ada.goesTo('/login')
    await ada.sees(ada.text.account.noAccount)
  }),
  outside('login-server', async ({ ada }) => {
    await ada.goesTo('/login')
    await ada.press(ada.button(ada.text.account.changeServerLong))
    await ada.write(ada.text.account.server, 'nowhere.example')
    await ada.field(ada.text.account.name).focus()
    await ada.sees(ada.text.errors['not-a-homeserver'])
  }),
  outside('login-wrong-password', async ({ ada }) => {
    await ada.goesTo('/login')
    await ada.triesToEnter(ada.text.account.signIn, { name: 'ada', password: 'a guess' })
    await ada.sees(ada.text.errors['wrong-password'])
  }),
  outside('register', async ({ ada }) => {
    await ada.goesTo('/register')
    await ada.write(ada.text.account.name, 'newcomer')
    await ada.sees(ada.text.account.nameFree('@newcomer:').slice(0, -12))
  }),
  outside('register-name-taken', async ({ ada }) => {
    await ada.goesTo('/register')
    await ada.write(ada.text.account.name, 'ada')
    await ada.sees(ada.text.errors['name-taken'])
  }),
  inside('chats', async ({ ada }) => {
    await ada.goesTo('/')
    await ada.sees('Neighbourhood garden')
  }),
]
