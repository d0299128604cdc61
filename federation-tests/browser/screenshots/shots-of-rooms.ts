import { call, path } from '../../harness/client-api.ts'
import { movement } from '../harness/scroll-watch.ts'
import type { Seeded } from './seed.ts'
import type { Shot, Sitter } from './shots.ts'

const asAda = (name: string, pose: Shot['pose']): Shot => ({ name, as: 'ada', pose })

const room = (roomId: string) => `/room/${encodeURIComponent(roomId)}`

async function opensGarden({ ada, seeded }: Sitter): Promise<void> {
  await ada.goesTo(room(seeded.garden))
  await ada.chat.message('Good morning. The rain has stopped.').waitFor()
  // Older messages come before it meanwhile.
  await movement(ada.page, 10)
}

/** A room that Ada isn't in. */
const outside = (name: string, which: keyof Seeded): Shot =>
  asAda(name, async ({ ada, seeded }) => {
    await ada.goesTo(room(String(seeded[which])))
    await ada.page.getByRole('main').getByRole('heading', { level: 1 }).waitFor()
  })

/** Takes from Ada what one needs to write in a room. */
async function silence(url: string, { silenced, dana }: Seeded): Promise<void> {
  const at = path`/v3/rooms/${silenced}/state/m.room.power_levels/`
  const access = { url, token: dana.token }
  const levels = await call(access, { method: 'GET', path: at })
  await call(access, { method: 'PUT', path: at, body: { ...levels, events_default: 50 } })
}

export const roomShots: Shot[] = [
  asAda('chats', async ({ ada }) => {
    await ada.goesTo('/')
    await ada.chatRow('Neighbourhood garden').waitFor()
  }),
  asAda('chats-find', async ({ ada }) => {
    await ada.goesTo('/')
    await ada.write(ada.text.rooms.find, 'ch')
    await ada.chatRow('Chess').waitFor()
  }),
  asAda('chats-menu', async ({ ada }) => {
    await ada.goesTo('/')
    await ada.press(ada.button(ada.text.rooms.new))
    await ada.page.getByRole('menuitem').first().waitFor()
  }),
  asAda('room', opensGarden),
  asAda('room-older', async (sitter) => {
    await opensGarden(sitter)
    const { ada } = sitter
    const first = ada.chat.message('Welcome everybody! The key hangs behind the blue door.')
    for (let step = 0; step < 20 && !(await first.isVisible()); step += 1) {
      await ada.hands.scrollUp(ada.chat.log)
      await movement(ada.page, 3)
    }
    await first.scrollIntoViewIfNeeded()
  }),
  asAda('room-message-actions', async (sitter) => {
    await opensGarden(sitter)
    const message = sitter.ada.chat.message('Good morning. The rain has stopped.')
    await sitter.ada.hands.point(message)
    await message.getByRole('toolbar').getByRole('button').first().waitFor()
  }),
  asAda('room-reply', async (sitter) => {
    await opensGarden(sitter)
    await sitter.ada.chat.acts('Ada Moreno: please bring the long hose too', sitter.ada.text.composer.reply)
    await sitter.ada.chat.writes('Of course.\nIs the short one still there?')
  }),
  asAda('room-edit', async (sitter) => {
    await opensGarden(sitter)
    await sitter.ada.chat.acts('Good morning. The rain has stopped.', sitter.ada.text.composer.edit)
    await sitter.ada.sees(sitter.ada.text.composer.editing)
  }),
  asAda('room-delete', async (sitter) => {
    await opensGarden(sitter)
    const { ada } = sitter
    await ada.chat.acts('Good morning. The rain has stopped.', ada.text.common.more)
    await ada.press(ada.page.getByRole('menuitem', { name: ada.text.composer.delete }))
    await ada.sees(ada.text.composer.deleteTitle)
  }),
  asAda('room-direct', async ({ ada, seeded }) => {
    await ada.goesTo(room(seeded.direct))
    await ada.chat.sees('七点，老地方见')
    await ada.sees(ada.text.timeline.beginning)
  }),
  {
    name: 'room-offline',
    as: 'ada',
    async pose(sitter) {
      await opensGarden(sitter)
      const { ada } = sitter
      ada.line.cut()
      await ada.sees(ada.text.common.offline)
      await ada.chat.says('I am on my way, but the tram is not')
      await ada.chat.sees('I am on my way, but the tram is not')
    },
    async after({ ada }) {
      ada.line.mend()
      await ada.page.getByText(ada.text.common.offline).waitFor({ state: 'detached' })
    },
  },
  {
    name: 'room-failed',
    as: 'ada',
    async pose({ ada, seeded }) {
      await ada.goesTo(room(seeded.silenced))
      await ada.chat.field.waitFor()
      ada.line.cut()
      await ada.sees(ada.text.common.offline)
      await ada.chat.says('Is anybody still playing?')
      await silence(ada.server.url, seeded)
      ada.line.mend()
      await ada.page.getByText(ada.text.timeline.notSent('').slice(0, 3)).first().waitFor()
    },
    async after({ ada }) {
      await ada.press(ada.button(ada.text.timeline.delete))
    },
  },
  outside('room-invite-group', 'groupInvite'),
  outside('room-invite-direct', 'directInvite'),
  outside('room-knocked', 'knocked'),
  // Where she is while it happens: who signs in later hears nothing of it.
  asAda('room-left', async ({ ada, seeded }) => {
    await ada.goesTo(room(seeded.oldFlat))
    await ada.chat.field.waitFor()
    const at = path`/v3/rooms/${seeded.oldFlat}/leave`
    await call({ url: ada.server.url, token: seeded.ada.token }, { method: 'POST', path: at, body: {} })
    await ada.sees(ada.text.people.outcomes.left)
  }),
  asAda('room-banned', async ({ ada, seeded }) => {
    await ada.goesTo(room(seeded.bargains))
    await ada.chat.field.waitFor()
    const at = path`/v3/rooms/${seeded.bargains}/ban`
    const body = { user_id: seeded.ada.userId, reason: 'Only advertisements so far' }
    await call({ url: ada.server.url, token: seeded.dana.token }, { method: 'POST', path: at, body })
    await ada.sees(ada.text.people.bannedHint)
  }),
  asAda('room-unknown', async ({ ada }) => {
    await ada.goesTo(room('!nobody-knows-this:kith.example'))
    await ada.sees(ada.text.people.unknownRoom)
  }),
  asAda('nothing-here', async ({ ada }) => {
    await ada.goesTo('/no/such/screen')
    await ada.sees(ada.text.common.notFound)
  }),
]
