import type { Shot, Sitter } from './shots.ts'

const asAda = (name: string, pose: Shot['pose']): Shot => ({ name, as: 'ada', pose })

async function opensInfo({ ada, seeded }: Sitter): Promise<void> {
  await ada.goesTo(`/room/${encodeURIComponent(seeded.garden)}?panel=info`)
  await ada.button('Ben Okafor').waitFor()
}

export const peopleShots: Shot[] = [
  asAda('info', opensInfo),
  asAda('info-member', async (sitter) => {
    await opensInfo(sitter)
    await sitter.ada.press(sitter.ada.button('Ben Okafor'))
    await sitter.ada.page.getByRole('dialog', { name: 'Ben Okafor' }).waitFor()
  }),
  asAda('info-invite', async (sitter) => {
    await opensInfo(sitter)
    const { ada } = sitter
    await ada.press(ada.button(ada.text.people.invite))
    await ada.write(ada.text.people.nameOrAddress, '@gita:other.example')
    await ada.sees(ada.text.people.thisAddress)
  }),
  asAda('info-leave', async (sitter) => {
    await opensInfo(sitter)
    await sitter.ada.press(sitter.ada.button(sitter.ada.text.people.leaveShort))
    await sitter.ada.page.getByRole('dialog').waitFor()
  }),
  asAda('new-group', async ({ ada }) => {
    await ada.goesTo('/new')
    await ada.write(ada.text.people.groupName, 'Compost')
    await ada.press(ada.page.getByRole('radio', { name: ada.text.people.public }))
  }),
  asAda('new-group-missing', async ({ ada }) => {
    await ada.goesTo('/new')
    await ada.press(ada.button(ada.text.people.make))
    await ada.sees(ada.text.people.groupNameMissing)
  }),
  asAda('new-chat', async ({ ada }) => {
    await ada.goesTo('/new/chat')
    await ada.sees('Ben Okafor')
  }),
  asAda('join', async ({ ada }) => {
    await ada.goesTo('/join')
    await ada.field(ada.text.people.joinWith).waitFor()
  }),
  asAda('join-nowhere', async ({ ada }) => {
    await ada.goesTo('/join')
    await ada.write(ada.text.people.joinWith, '#nothing:kith.example')
    await ada.press(ada.button(ada.text.people.join))
    await ada.sees(ada.text.errors['no-such-room'])
  }),
  asAda('settings', async ({ ada }) => {
    await ada.goesTo('/settings')
    await ada.page.getByRole('heading', { level: 1, name: ada.text.common.settings }).waitFor()
  }),
  asAda('settings-sign-out', async ({ ada }) => {
    await ada.goesTo('/settings')
    await ada.press(ada.button(ada.text.account.signOut))
    await ada.sees(ada.text.account.signOutQuestion)
  }),
]
